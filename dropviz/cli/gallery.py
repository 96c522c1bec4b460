"""Command `dropviz gallery`: a page of exhibits."""

from contextlib import ExitStack
from pathlib import Path

import click

from dropviz.cli.options import Size, UserPath, lang_option, machine_options
from dropviz.cli.progress import ProgressCallback, note, progress
from dropviz.publish.gallery.build import BOTH, GalleryEvent, gallery
from dropviz.publish.gallery.exhibits import EXHIBITS, LECTURER, ORDERS
from dropviz.publish.gallery.results import SIDES, read_state


@click.command("gallery")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@machine_options
@click.option(
    "-o",
    "--out",
    type=UserPath(file_okay=False),
    default=Path("out/gallery"),
    show_default=True,
    metavar="DIR",
)
@click.option("--size", type=Size(), default="1280x720", show_default=True, metavar="WxH", help="In pixels.")
@lang_option
@click.option(
    "--theme",
    type=click.Choice([*SIDES, BOTH]),
    default=BOTH,
    show_default=True,
    help="With both, the page shows the one that suits the reader's screen.",
)
@click.option(
    "--order",
    type=click.Choice(list(ORDERS)),
    default=LECTURER,
    show_default=True,
    help="Order of the exhibits: of a lecture, or of the chapter and its exercises.",
)
@click.option("--full", is_flag=True, help="The full-size experiments: hours on a CPU, minutes on a GPU.")
def gallery_command(
    names: tuple[str, ...],
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path,
    size: tuple[int, int],
    lang: str,
    theme: str,
    order: str,
    full: bool,
) -> None:
    """Make a page of exhibits: claims about dropout beside what was measured.

    With NAMEs, only those exhibits: see 'dropviz list'. Missing recordings are trained, which takes some ten minutes
    in all.

    Each exhibit shows a claim about dropout, what was measured, and the command that draws the picture. Recordings and
    pictures that exist are kept: after an interruption, the same command continues.

    \b
    dropviz gallery
    dropviz gallery rates data-size -o out/two
    """
    chosen = names or tuple(EXHIBITS)
    try:
        with ExitStack() as stack:
            pages = gallery(
                chosen,
                out=out,
                size=size,
                lang=lang,
                theme=theme,
                order=order,
                full=full,
                seeds=seeds,
                data_dir=data_dir,
                device=device,
                jobs=jobs,
                callback=_Display(out, stack),
            )
    except KeyboardInterrupt:
        ready = sum(name in read_state(out) for name in chosen)
        note(f"\n{ready} of {len(chosen)} exhibits are in {out}; the same command makes the rest")
        raise
    for path in pages:
        click.echo(path)


class _Display:
    """Progress of a gallery: a bar on stderr while an exhibit is drawn, its paths on stdout once it is written."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.bar: ProgressCallback | None = None

    def __call__(self, event: GalleryEvent) -> None:
        if event.result is None and event.error is None:
            self.bar = self.bar or self.stack.enter_context(progress(f"{event.title}: drawing"))
            self.bar(event.done, event.total)
            return
        self.stack.close()
        self.bar = None
        if event.error is not None:
            note(f"{event.exhibit} is left out: {event.error}")
        elif event.result is not None:
            for name in event.result.files:
                click.echo(self.folder / name)
            note(f"{event.title}: {event.result.verdict}")

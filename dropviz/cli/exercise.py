"""Command `dropviz exercise`: an exercise of the chapter on dropout, answered in a Markdown note."""

from pathlib import Path

import click

from dropviz.cli.options import Size, UserPath, lang_option, machine_options
from dropviz.cli.progress import progress_once_begun
from dropviz.publish.exercises.build import FOLDER, exercise
from dropviz.publish.exercises.exercises import EXERCISES

NUMBERS = "\n".join(f"{each.number}  {each.about}" for each in EXERCISES.values())


@click.command(
    "exercise",
    help=f"""Answer an exercise of Dive into Deep Learning, 5.6, in a Markdown note, and print the paths.

    \b
    NUMBER is one of:
    {NUMBERS.replace(chr(10), chr(10) + "    ")}

    The note has the question, an animation, an answer in three sentences made of recorded values, a caveat, and the
    command that draws the animation. Missing recordings are trained, which takes up to some minutes.

    With --vault, the note lies at the top of an Obsidian vault, and the animation in its folder of attachments. A note
    of the same name that the command did not write is not replaced.

    \b
    dropviz exercise 5
    dropviz exercise 5 --vault ~/notes --lang zh
    """,
)
@click.argument("number", type=click.IntRange(min(EXERCISES), max(EXERCISES)))
@click.option("--vault", type=UserPath(), metavar="DIR", help="Folder of an Obsidian vault.")
@click.option("-o", "--out", type=UserPath(), metavar="DIR", help=f"Another folder. [default: {FOLDER}]")
@click.option("--size", type=Size(), metavar="WxH", help="In pixels. [default: 1280x720]")
@lang_option
@machine_options
def exercise_command(
    number: int,
    vault: Path | None,
    out: Path | None,
    size: tuple[int, int] | None,
    lang: str,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
) -> None:
    """Run the command; its help is in the decorator, since it lists the exercises."""
    with progress_once_begun("drawing") as callback:
        paths = exercise(
            number,
            out=out,
            vault=vault,
            lang=lang,
            size=size,
            seeds=seeds,
            data_dir=data_dir,
            device=device,
            jobs=jobs,
            callback=callback,
        )
    for path in paths:
        click.echo(path)

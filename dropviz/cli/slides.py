"""Command `dropviz slides`: recordings to a deck."""

from pathlib import Path
from typing import Any

import click

from dropviz.cli.options import UserPath, check_no_training, choose_experiment, lang_option, training_options
from dropviz.cli.progress import note, progress
from dropviz.publish.decks import DECKS
from dropviz.publish.decks.build import check_slides, slides
from dropviz.publish.decks.deck import SIZES
from dropviz.style.labels import Labels
from dropviz.style.theme import THEMES
from dropviz.training.runs import load_all, recorded

DECK_HELP = "\n".join(f"{suffix:6} {entry.help}" for suffix, entry in DECKS.items())
BACKED = [name for name, theme in THEMES.items() if not theme.is_transparent]  # a slide has a background


@click.command(
    "slides",
    help=f"""Make slides of recordings, and print their path.

    \b
    The suffix of PATH is the format:
    {DECK_HELP.replace(chr(10), chr(10) + "    ")}

    The deck has a title, one slide for each chart that the recordings suffice for, and a table of results, with
    alternative text and speaker notes. Without recordings, those of the experiment are used, and trained where they are
    missing. A folder means all recordings in it.

    \b
    dropviz slides -o talk.pptx
    dropviz slides --experiment gate --ratio 4:3 --theme dark -o talk.html
    """,
)
@click.argument("paths", nargs=-1, type=UserPath(), metavar="[RECORDING]...")
@training_options
@click.option("-o", "--out", type=UserPath(), default=Path("out/slides.pptx"), show_default=True, metavar="PATH")
@click.option("--title", metavar="WORDS", help="Of the deck. [default: made from the name of the experiment]")
@click.option("--ratio", type=click.Choice(list(SIZES)), default="16:9", show_default=True, help="Width to height.")
@click.option("--theme", default="light", show_default=True, metavar="NAME|FILE.toml", help=" or ".join(BACKED) + ".")
@lang_option
@click.option("--frames", type=int, metavar="N", help="Maximum number of frames of each chart.")
@click.option("--video", is_flag=True, help="Videos with controls instead of GIFs; not in .tex.")
@click.option(
    "--reveal",
    type=UserPath(),
    metavar="DIR",
    help="Folder of a copy of reveal.js, to put into the .html. [default: a short script of dropviz]",
)
def slides_command(
    paths: tuple[Path, ...],
    experiment: str,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    title: str | None,
    lang: str,
    **options: Any,
) -> None:
    """Run the command; its help is in the decorator, since it lists the formats."""
    check_slides(lang=lang, **options)  # before the minutes of training
    check_no_training(paths)
    files = list(paths)
    if not files:
        chosen = choose_experiment(experiment, seeds)
        Labels(lang).add_fonts_for([chosen.data, *(arm.name for arm in chosen.arms)])
        files = recorded(chosen, chosen.arms, data_dir, device, jobs)
    with progress("drawing") as callback:
        deck = slides(load_all(files, note), title=title, lang=lang, callback=callback, **options)
    for words in deck.notes:
        note(words)
    for path in deck.paths:
        click.echo(path)

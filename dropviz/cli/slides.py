"""dropviz slides: recordings to a deck."""

from pathlib import Path

import click

from dropviz.analysis.comparison import gather
from dropviz.cli.options import choose_experiment, lang_option, training_options
from dropviz.cli.progress import note, progress
from dropviz.publish.decks import DECKS
from dropviz.publish.decks.deck import SIZES, make_deck
from dropviz.publish.decks.writer import DeckOptions, find_writer, write_deck
from dropviz.rendering.options import RenderOptions
from dropviz.style.theme import THEMES
from dropviz.training.runs import load_all, recorded

DECK_HELP = "\n".join(f"{suffix:6} {entry.help}" for suffix, entry in DECKS.items())


BACKED = [name for name, theme in THEMES.items() if not theme.is_transparent]  # a slide has a background


@click.command(
    "slides",
    help=f"""Make slides of recordings, and print their path.

    \b
    The suffix of PATH says of which kind:
    {DECK_HELP.replace(chr(10), chr(10) + "    ")}

    A title, one slide a chart that the recordings can draw, and a table of settings and figures; with alternative text
    and notes for the speaker. Without recordings, those of the experiment are used, and trained where they are missing.
    A folder stands for all the recordings in it.

    \b
    dropviz slides -o talk.pptx
    dropviz slides --experiment gate --ratio 4:3 --theme dark -o talk.html
    """,
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[RECORDING]...")
@training_options
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("out/slides.pptx"), show_default=True, metavar="PATH"
)
@click.option("--title", metavar="WORDS", help="Of the deck. [default: a word on the experiment]")
@click.option("--ratio", type=click.Choice(list(SIZES)), default="16:9", show_default=True, help="Width to height.")
@click.option("--theme", default="light", show_default=True, metavar="NAME|FILE.toml", help=" or ".join(BACKED) + ".")
@lang_option
@click.option("--frames", type=int, metavar="N", help="How many moments each chart draws at most.")
@click.option("--video", is_flag=True, help="Films instead of GIFs, in .pptx.")
@click.option(
    "--reveal",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Your copy of reveal.js, put into the .html. [default: a few lines of our own]",
)
def slides_command(
    paths: tuple[Path, ...],
    experiment: str,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path,
    title: str | None,
    ratio: str,
    theme: str,
    lang: str,
    frames: int | None,
    video: bool,
    reveal: Path | None,
) -> None:
    """Run the command; its help stands in the decorator, since it lists the kinds of deck."""
    # Everything that can be wrong is looked at before the minutes of training.
    options = RenderOptions(frames=frames, theme=theme, lang=lang, large=True)
    options.labels.find_fonts()
    writer = find_writer(out, DeckOptions(video=video, reveal=reveal), options)
    chosen = list(paths)
    if not chosen:
        wanted = choose_experiment(experiment, seeds)
        options.labels.add_fonts_for([wanted.data, *(arm.name for arm in wanted.arms)])
        chosen = recorded(wanted, wanted.arms, data_dir, device, jobs)
    deck = make_deck(gather(load_all(chosen)), options, ratio, title)
    with progress("drawing", "frames") as callback:
        made = write_deck(deck, out, writer, callback)
    for words in [*deck.left_out, *writer.notes]:
        note(words)
    for path in made:
        click.echo(path)

"""dropviz animate: recordings to pictures."""

import os
from pathlib import Path

import click

from dropviz.charts import CHARTS, find_chart
from dropviz.cli.options import Size, choose_experiment, training_options
from dropviz.cli.progress import note, progress
from dropviz.cli.runs import load_all, recorded
from dropviz.encoders import check_suffix
from dropviz.errors import ExperimentError, UsageError, one_of
from dropviz.experiment import Arm, Experiment
from dropviz.files import check_place
from dropviz.labels import WORDS
from dropviz.look import HOLD, SIZE, Look
from dropviz.pipeline import default_name, pick, render
from dropviz.theme import THEMES

CHART_HELP = "\n".join(f"{name:10} {entry.help}" for name, entry in CHARTS.items())


@click.command(
    "animate",
    help=f"""Draw recordings as an animation, and print its path.

    \b
    CHART is one of:
    {CHART_HELP.replace(chr(10), chr(10) + "    ")}

    Without recordings, those of the experiment are used, and trained where they are missing. A folder stands for all
    the recordings in it.

    \b
    dropviz animate --compare
    dropviz animate network --compare --frames 60 --theme dark -o out/network.gif
    dropviz animate --compare --experiment fashion-mnist
    """,
)
@click.argument("what", nargs=-1, metavar="[CHART] [RECORDING]...")
@click.option("--compare", is_flag=True, help="Draw with and without dropout together.")
@training_options
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="[default: out/CHART.gif, out/CHART-compare.gif]",
)
@click.option("--size", type=Size(), default=SIZE, metavar="WxH", help="In pixels. [default: 1280x720]")
@click.option(
    "--frames", type=int, metavar="N", help="How many moments are drawn at most; for 'network', how many masks."
)
@click.option("--theme", default="light", show_default=True, metavar="NAME", help=" or ".join(THEMES) + ".")
@click.option(
    "--lang", default="en", show_default=True, metavar="NAME", help="Language of the words: " + " or ".join(WORDS) + "."
)
@click.option("--loop", type=int, default=0, metavar="N", help="Number of plays. [default: 0, for ever]")
@click.option(
    "--hold", type=float, default=HOLD, show_default=True, metavar="SECONDS", help="How long the last frame stays."
)
def animate_command(
    what: tuple[str, ...],
    compare: bool,
    experiment: str,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path | None,
    size: tuple[int, int],
    frames: int | None,
    theme: str,
    lang: str,
    loop: int,
    hold: float,
) -> None:
    """Run the command; its help stands in the decorator, since it lists the charts."""
    chart, paths = _split_words(what)
    out = out or Path("out") / default_name(chart, compare)
    # Everything that can be wrong is looked at before the minutes of training.
    check_suffix(out)
    look = Look(size, frames, theme, lang, loop, hold)
    look.labels.find_fonts()
    needs_masks = find_chart(chart).needs_masks
    if not paths:
        chosen = choose_experiment(experiment, seeds)
        _check_experiment(chosen, chart, compare, needs_masks)
        check_place(out)
        paths = recorded(chosen, _arms(chosen, compare), data_dir, device, jobs)
    recordings = load_all(paths)
    with progress("drawing", "frames") as tick:
        made = render(pick(recordings, compare), chart, look, out, tick)
    note(f"{made.frames} frames, {made.seconds:g} s, {made.bytes:,} bytes")
    click.echo(made.path)


def _split_words(words: tuple[str, ...]) -> tuple[str, list[Path]]:
    """A first word that names a chart is the chart; the others are recordings."""
    if not words:
        return "accuracy", []
    if words[0] in CHARTS:
        return words[0], [Path(word) for word in words[1:]]
    if not os.path.exists(words[0]) and not words[0].endswith(".npz") and "/" not in words[0]:
        raise UsageError(f"{one_of('chart', words[0], CHARTS)}, or the path of a recording")
    return "accuracy", [Path(word) for word in words]


def _check_experiment(experiment: Experiment, chart: str, compare: bool, needs_masks: bool) -> None:
    if compare and len(experiment.arms) < 2:
        raise ExperimentError(f"arms of experiment {experiment.name!r} has one: --compare must have two or more")
    if needs_masks and not (experiment.kept_steps and any(arm.has_noise for arm in experiment.arms)):
        raise ExperimentError(
            f"experiment {experiment.name!r} keeps no masks for chart {chart!r}: give it kept_steps and dropout"
        )


def _arms(experiment: Experiment, compare: bool) -> tuple[Arm, ...]:
    """All arms to compare; else the first with dropout."""
    if compare:
        return experiment.arms
    return (next((arm for arm in experiment.arms if arm.has_noise), experiment.arms[0]),)

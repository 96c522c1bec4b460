"""dropviz animate: recordings to pictures."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dropviz._util.files import check_writable, is_numbered
from dropviz.charts import CHARTS, find_chart
from dropviz.cli.options import Size, choose_experiment, lang_option, training_options
from dropviz.cli.plot import load_plot
from dropviz.cli.progress import note, progress
from dropviz.encoders import ENCODERS
from dropviz.errors import ExperimentError, UsageError, one_of
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.rendering.animation import Animation
from dropviz.rendering.options import HOLD
from dropviz.rendering.pipeline import request_animation, write
from dropviz.rendering.targets import TARGETS
from dropviz.style.theme import THEMES
from dropviz.training.runs import load_all, recorded

if TYPE_CHECKING:
    from dropviz.charts.base.chart import Chart

WIDEST = max(map(len, CHARTS))
CHART_HELP = "\n".join(f"{name:{WIDEST}} {entry.help}" for name, entry in CHARTS.items())

# What a plan is made of, by the names of the options.
WISHES = (
    "target",
    "out",
    "max_size",
    "still",
    "alt_file",
    "size",
    "frames",
    "theme",
    "large",
    "lang",
    "loop",
    "hold",
    "allow_flashing",
)


@click.command(
    "animate",
    help=f"""Draw recordings as an animation, and print its path.

    \b
    CHART is one of:
    {CHART_HELP.replace(chr(10), chr(10) + "    ")}

    Without recordings, those of the experiment are used, and trained where they are missing; without --experiment, it
    is the one that the chart is made for. A folder stands for all the recordings in it.

    \b
    dropviz animate --compare
    dropviz animate network --compare --frames 60 --theme dark -o out/network.gif
    dropviz animate --compare --experiment fashion-mnist
    dropviz animate network --frames 300 --for github --max-size 5MB
    dropviz animate --plot my_plots.py:update_plot out/recordings

    Numbered frames (-o out/f-%d.pdf) have one rate, which is printed, and no --hold; how often a video is played, its
    player says.
    """,
)
@click.argument("what", nargs=-1, metavar="[CHART] [RECORDING]...")
@click.option("--compare", is_flag=True, help="Draw all arms together, such as with and without dropout.")
@partial(training_options, default=None)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help=f"Its end says the format: {', '.join(ENCODERS)}. [default: out/CHART.gif, out/CHART-compare.gif]",
)
@click.option(
    "--plot",
    metavar="FILE.py:FUNCTION",
    help="Instead of a CHART, a function of your own: it gets the recordings and the number of a snapshot, from 1 on, "
    "and draws with pyplot, like @gif.frame.",
)
@click.option("--size", type=Size(), metavar="WxH", help="In pixels. [default: 1280x720; of a plot, its figure's own]")
@click.option(
    "--frames", type=int, metavar="N", help="How many moments are drawn at most; for 'network', how many masks."
)
@click.option(
    "--theme", default="light", show_default=True, metavar="NAME|FILE.toml", help=", ".join(THEMES) + ", or a file."
)
@click.option("--large/--no-large", help="Larger type, for the last row of a room.")
@lang_option
@click.option("--loop", type=int, default=0, metavar="N", help="Number of plays. [default: 0, for ever]")
@click.option(
    "--hold", type=float, default=HOLD, show_default=True, metavar="SECONDS", help="How long the last frame stays."
)
@click.option(
    "--for", "target", metavar="TARGET", help=f"Suit what is not given here to a place: {', '.join(TARGETS)}."
)
@click.option(
    "--max-size",
    metavar="10MB",
    help="Give up frames, then pixels, then tones, until the file fits. KB, MB (1,000,000 bytes), KiB, MiB.",
)
@click.option("--still/--no-still", help="Put the last moment beside it, as a PNG.")
@click.option("--alt-file/--no-alt-file", help="Put the alt text beside it.")
@click.option(
    "--allow-flashing", is_flag=True, help="Write it even if it flashes in a way that can cause seizures (WCAG 2.3.1)."
)
@click.pass_context
def animate_command(
    context: click.Context,
    /,
    what: tuple[str, ...],
    compare: bool,
    experiment: str | None,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    plot: str | None,
    **_wishes: Any,
) -> None:
    """Run the command; its help stands in the decorator, since it lists the charts."""
    chart, paths = _split_words(what)
    draws = _load_plot(plot) if plot else None
    # What can be wrong is checked before the minutes of training.
    request = request_animation(chart, draws, compare=compare, **_given(context, WISHES))
    output, labels = request.output, request.output.options.labels
    labels.find_fonts()
    if not paths:
        needs = find_chart(chart or "accuracy")
        chosen = choose_experiment(experiment or (needs.experiment if draws is None else "digits"), seeds)
        _check_arms(chosen, request.compare)
        if draws is None:
            _check_measured(chosen, chart or "accuracy", needs)
        check_writable(output.path)
        labels.add_fonts_for([chosen.data, *(arm.name for arm in chosen.arms)])
        paths = recorded(chosen, _arms(chosen, request.compare), data_dir, device, jobs)
    source = request.source(load_all(paths))
    # stdout is kept for paths, whatever a plot function prints.
    with progress("drawing", "frames") as callback, redirect_stdout(sys.stderr):
        made = write(output, source, callback)
    _report(made)


def _given(context: click.Context, names: tuple[str, ...]) -> dict[str, Any]:
    """The options that the user gave; the others are None, so that a target can decide them."""
    given = {name for name in names if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    return {name: context.params[name] if name in given else None for name in names}


def _report(made: Animation) -> None:
    note(_summary(made))
    if made.fit:
        note(made.fit)
    if made.flash:
        note(f"{made.path} can cause seizures: it {made.flash}")
    for path in (made.path, *made.beside):
        click.echo(path)


def _summary(made: Animation) -> str:
    words = f"{made.frames} frames, {made.seconds:g} s, {made.bytes:,} bytes"
    if is_numbered(made.path):
        words += f"; counted from 0 to {made.frames - 1}, to be shown at {made.frames / made.seconds:g} a second"
    return words


def _load_plot(words: str) -> Callable[..., Any]:
    with redirect_stdout(sys.stderr):
        return load_plot(words)


def _split_words(words: tuple[str, ...]) -> tuple[str | None, list[Path]]:
    """A first word that names a chart is the chart; the others are recordings."""
    if not words:
        return None, []
    if words[0] in CHARTS:
        return words[0], [Path(word) for word in words[1:]]
    if not os.path.exists(words[0]) and not words[0].endswith(".npz") and "/" not in words[0]:
        raise UsageError(f"{one_of('chart', words[0], CHARTS)}, or the path of a recording")
    return None, [Path(word) for word in words]


def _check_arms(experiment: Experiment, compare: bool) -> None:
    if compare and len(experiment.arms) < 2:
        raise ExperimentError(f"arms of experiment {experiment.name!r} has one: --compare must have two or more")


def _check_measured(experiment: Experiment, chart: str, needs: "type[Chart]") -> None:
    """See to it, before the minutes of training, that what the chart draws will be recorded."""
    if needs.needs_masks and not (experiment.recorded_iterations and any(arm.has_noise for arm in experiment.arms)):
        raise ExperimentError(
            f"experiment {experiment.name!r} keeps no masks for chart {chart!r}: give it recorded_iterations and dropout"
        )
    missing = [probe for probe in needs.probes if probe not in experiment.probes]
    if missing:
        raise ExperimentError(
            f"experiment {experiment.name!r} has no probe {missing[0]!r}, which chart {chart!r} draws: "
            f"give it probes = {json.dumps([*experiment.probes, *missing])}"
        )


def _arms(experiment: Experiment, compare: bool) -> tuple[Arm, ...]:
    """All arms to compare; else the first with dropout."""
    if compare:
        return experiment.arms
    return (next((arm for arm in experiment.arms if arm.has_noise), experiment.arms[0]),)

"""Command `dropviz animate`: animations of recordings."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dropviz._util.files import check_writable
from dropviz._util.numbering import is_numbered
from dropviz._util.paths import user_path
from dropviz.charts import CHARTS
from dropviz.cli.options import Size, UserPath, check_no_training, choose_experiment, lang_option, training_options
from dropviz.cli.plot import hidden_packages_named, load_plot
from dropviz.cli.progress import note, progress
from dropviz.encoders import ENCODERS
from dropviz.errors import UsageError, one_of
from dropviz.experiments.presets import PRESETS
from dropviz.publish.gallery.exhibits import EXHIBITS, Exhibit, find_exhibit
from dropviz.rendering.animation import Animation
from dropviz.rendering.pipeline import write
from dropviz.rendering.request import default_chart, experiment_name, request_animation
from dropviz.rendering.targets import TARGETS
from dropviz.style.theme import THEMES
from dropviz.training.runs import load_all, recorded

WIDEST = max(map(len, CHARTS))
CHART_HELP = "\n".join(f"{name:{WIDEST}} {entry.help}" for name, entry in CHARTS.items())

# Options that a target decides where they are not given.
OUTPUT_OPTIONS = (
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
    "seconds",
    "title",
    "credit",
    "header",
    "allow_flashing",
)


@click.command(
    "animate",
    help=f"""Draw recordings as an animation, and print its path.

    \b
    CHART is one of:
    {CHART_HELP.replace(chr(10), chr(10) + "    ")}

    The name of an exhibit or an experiment stands for its chart and its recordings: see 'dropviz list exhibits'.

    Without a RECORDING, those of the experiment are drawn; missing ones are trained first. Without --experiment, it is
    the preset of the chart. A folder stands for all the recordings in it.

    \b
    dropviz animate --compare
    dropviz animate network --compare --frames 60 --theme dark -o out/network.gif
    dropviz animate --compare --experiment fashion-mnist
    dropviz animate swap
    dropviz animate network --frames 300 --for github --max-size 5MB
    dropviz animate --plot my_plots.py:update_plot out/recordings

    Without -o, the file is out/CHART.gif. Its name also has the experiment where it is not the chart's own, "compare",
    and the theme where it is not light, such as out/accuracy-swap-compare-dark.gif.

    Numbered frames (-o out/f-%d.pdf) have one rate, which is printed, no --hold, and no fades between two masks. A
    video has no --loop: its player decides.
    """,
)
@click.argument("what", nargs=-1, metavar="[CHART|EXHIBIT] [RECORDING]...")
@click.option("--compare", is_flag=True, help="Draw all arms together, such as with and without dropout.")
@partial(training_options, default=None)
@click.option(
    "-o",
    "--out",
    type=UserPath(),
    metavar="PATH",
    help=f"The suffix selects the format: {', '.join(ENCODERS)}. [default: see above]",
)
@click.option(
    "--plot",
    metavar="FILE.py:FUNCTION",
    help="Instead of a CHART, a function of your own: it gets the recordings and the number of a snapshot, from 1, "
    "and draws with pyplot, like @gif.frame.",
)
@click.option("--size", type=Size(), metavar="WxH", help="In pixels. [default: 1280x720; of a plot, its figure's own]")
@click.option("--frames", type=int, metavar="N", help="Maximum number of frames. [default: the chart's own]")
@click.option(
    "--theme", default="light", show_default=True, metavar="NAME|FILE.toml", help=", ".join(THEMES) + ", or a file."
)
@click.option("--large/--no-large", help="Larger type, readable from the back of a room.")
@lang_option
@click.option("--loop", type=int, default=0, metavar="N", help="Number of plays. [default: 0, for ever]")
@click.option(
    "--hold",
    type=float,
    metavar="SECONDS",
    help="Extra time of the last frame. [default: as long as its words take to read]",
)
@click.option(
    "--seconds",
    type=float,
    metavar="SECONDS",
    help="Duration of one play, from 3 to 600, the last frame included. [default: the chart's own]",
)
@click.option("--title", metavar="WORDS", help="Your own words instead of the question and the answer.")
@click.option("--credit", metavar="WORDS", help="Words at the lower right edge, such as your name.")
@click.option("--header/--no-header", default=True, help="With or without headline, evidence and settings.")
@click.option(
    "--for", "target", metavar="TARGET", help=f"Choose size, format and limit for a place: {', '.join(TARGETS)}."
)
@click.option(
    "--max-size",
    metavar="10MB",
    help="Reduce frames, then pixels, then tones until the file fits. KB, MB (1,000,000 bytes), KiB, MiB.",
)
@click.option("--still/--no-still", help="Write the last frame beside it, as a PNG.")
@click.option("--alt-file/--no-alt-file", help="Write the alternative text beside it.")
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
    **_output_options: Any,
) -> None:
    """Run the command; its help is in the decorator, since it lists the charts."""
    exhibit, chart, paths = _split_arguments(what)
    if exhibit is not None:
        chart, experiment, compare = exhibit.chart, experiment or exhibit.experiment, compare or exhibit.compare
    check_no_training(paths)
    function = _load_plot(plot) if plot else None
    recordings = load_all(paths, note) if paths else None
    if recordings and chart is None and function is None:
        chart = default_chart(recordings, compare=compare)
    chosen = choose_experiment(experiment, seeds) if experiment else None
    name = experiment_name(recordings) if recordings else chosen.name if chosen else None
    # Everything is checked before the minutes of training.
    request = request_animation(chart, function, compare=compare, experiment=name, **_given(context, OUTPUT_OPTIONS))
    output, labels = request.output, request.output.options.labels
    labels.find_fonts()
    if not paths:
        chosen = chosen or choose_experiment(request.preset, seeds)
        request.check_experiment(chosen)
        check_writable(output.path)
        labels.add_fonts_for([chosen.data, *(arm.name for arm in chosen.arms)])
        paths = recorded(chosen, chosen.select_arms(compare=request.compare), data_dir, device, jobs)
    source = request.source(recordings or load_all(paths))
    # stdout is kept for paths, whatever a plot function prints.
    named = hidden_packages_named(plot) if plot else nullcontext()
    with progress("drawing") as callback, redirect_stdout(sys.stderr), named:
        animation = write(output, source, callback)
    _report(animation)


def _given(context: click.Context, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the options that the user gave; the others are None, so that a target can decide them."""
    given = {name for name in names if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    return {name: context.params[name] if name in given else None for name in names}


def _report(animation: Animation) -> None:
    note(_summarise(animation))
    if animation.fit:
        note(animation.fit)
    if animation.flash:
        note(f"{animation.path} can cause seizures: it {animation.flash}")
    for path in (animation.path, *animation.beside):
        click.echo(path)


def _summarise(animation: Animation) -> str:
    text = f"{animation.frames} frames, {animation.seconds:g} s, {animation.bytes:,} bytes"
    if is_numbered(animation.path):
        rate = animation.frames / animation.seconds
        text += f"; counted from 0 to {animation.frames - 1}, to be shown at {rate:g} a second"
    return text


def _load_plot(name: str) -> Callable[..., Any]:
    with redirect_stdout(sys.stderr):
        return load_plot(name)


def _split_arguments(arguments: tuple[str, ...]) -> tuple[Exhibit | None, str | None, list[Path]]:
    """Return the exhibit or the chart, if the first argument names one, and the paths of recordings.

    An exhibit gives way to a chart of that name, and to a file or folder.
    """
    if not arguments:
        return None, None, []
    first, paths = arguments[0], [user_path(path) for path in arguments]
    if first in CHARTS:
        return None, first, paths[1:]
    if os.path.exists(paths[0]) or paths[0].suffix.lower() == ".npz" or "/" in first:
        return None, None, paths
    exhibit = find_exhibit(first)
    if exhibit is None:
        unknown = one_of("chart", first, CHARTS, similar=[*EXHIBITS, *PRESETS])
        raise UsageError(f"{unknown}, an exhibit or an experiment (see 'dropviz list'), or the path of a recording")
    return exhibit, None, paths[1:]

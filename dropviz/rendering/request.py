"""Requests for an animation: everything that is checked before recordings are read or trained."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dropviz.analysis.comparison import Comparison, gather
from dropviz.charts import find_chart
from dropviz.encoders import find_format
from dropviz.errors import ExperimentError, RecordingError, UsageError
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.plot_source import PlotSource, no_vectors
from dropviz.rendering.source import ChartSource, Source
from dropviz.rendering.targets import Output, plan_output

if TYPE_CHECKING:
    from dropviz.rendering.plots import Plot

DEFAULT_CHART = "accuracy"
PLOT_EXPERIMENT = "digits"  # drawn by a plot function where none is named
CHART_OPTIONS = (
    "theme",
    "large",
    "lang",
    "title",
    "credit",
)  # options that have no effect on a plot function of the user's own


@dataclass(frozen=True)
class Request:
    """A request for an animation, checked as far as that needs no recordings.

    chart    name of the chart
    plot     function to draw with instead
    compare  draw all arms together
    output   file, options, limit of size, and files beside it
    """

    chart: str
    plot: "Plot | None"
    compare: bool
    output: Output

    @property
    def preset(self) -> str:
        """Name of the experiment that is drawn where none is named."""
        return find_chart(self.chart).experiment if self.plot is None else PLOT_EXPERIMENT

    def check_experiment(self, experiment: Experiment) -> None:
        """Raise ExperimentError if an experiment would not record what is drawn."""
        if self.compare and len(experiment.arms) < 2:
            raise ExperimentError(f"arms of experiment {experiment.name!r} has one: --compare must have two or more")
        if self.plot is None:
            _check_recorded(experiment, self.chart)

    def source(self, recordings: Sequence[Recording] | Recording) -> Source:
        """Return the chart or the plot of `recordings`; raise RecordingError if they cannot be drawn."""
        if self.plot is None:
            return ChartSource(pick(recordings, self.compare, self.chart), self.chart)
        if self.compare:
            pick(recordings, compare=True)
        runs = [recordings] if isinstance(recordings, Recording) else list(recordings)
        if not runs:
            raise RecordingError("no recordings to draw")
        return PlotSource(runs, self.plot)


def _check_recorded(experiment: Experiment, chart: str) -> None:
    needs = find_chart(chart)
    if needs.needs_masks and not (experiment.recorded_iterations and any(arm.has_noise for arm in experiment.arms)):
        raise ExperimentError(
            f"experiment {experiment.name!r} keeps no masks for chart {chart!r}: "
            "give it recorded_iterations and dropout"
        )
    missing = [probe for probe in needs.probes if probe not in experiment.probes]
    if missing:
        raise ExperimentError(
            f"experiment {experiment.name!r} has no probe {missing[0]!r}, which chart {chart!r} draws: "
            f"give it probes = {json.dumps([*experiment.probes, *missing])}"
        )


def request_animation(
    chart: str | None = None,
    plot: "Plot | None" = None,
    *,
    compare: bool = False,
    experiment: str | None = None,
    **arguments: Any,
) -> Request:
    """Check what is asked for, before any recording is read or trained.

    `experiment` is the name of the one that is drawn, "" for a custom training loop, and None for the chart's own; it
    is part of the name of a file that was given none. `arguments` are the other arguments of `animate`; None where
    something was not given. Raises UsageError for what cannot be, and DependencyError if a package for the format is
    missing.
    """
    drawn = find_chart(chart or DEFAULT_CHART)
    together = plot is None and drawn.together
    own = drawn.experiment if plot is None else PLOT_EXPERIMENT
    output = plan_output(
        _file_stem(chart, plot),
        own=own,
        experiment=own if experiment is None else experiment,
        compare=compare and not together,
        **arguments,
    )
    check_format(output.path, output.options)
    if plot is not None:
        _check_plot(chart, output.path, _chart_options(arguments))
    return Request(chart or DEFAULT_CHART, plot, compare or together, output)


def _chart_options(arguments: Mapping[str, Any]) -> list[str]:
    """Return the names of the given arguments that only charts can follow."""
    given = [name for name in CHART_OPTIONS if arguments.get(name)]
    return [*given, *(["header"] if arguments.get("header") is False else [])]


def default_chart(recordings: Sequence[Recording] | Recording, *, compare: bool = False) -> str:
    """Return the chart that is drawn if none is named: "sites" of models that are no chain, which have no layers."""
    runs = [recordings] if isinstance(recordings, Recording) else recordings
    of_sites = not compare and any(run.sites for run in runs) and not any(run.layers for run in runs)
    return "sites" if of_sites else DEFAULT_CHART


def experiment_name(recordings: Sequence[Recording] | Recording) -> str:
    """Return the name of the experiment of recordings; "" for a custom training loop."""
    runs = [recordings] if isinstance(recordings, Recording) else recordings
    return next((run.experiment.name for run in runs if run.experiment), "")


def _file_stem(chart: str | None, plot: "Plot | None") -> str:
    """Return the name of a file that was given none."""
    if plot is not None:
        return str(getattr(plot, "__name__", "plot")).strip("<>")  # a lambda's name is <lambda>
    return chart or DEFAULT_CHART


def check_format(path: Path, options: RenderOptions) -> None:
    """Raise UsageError or DependencyError if no file like `path` can be written with these options."""
    if find_format(path).opaque and options.colors.is_transparent:
        raise UsageError(
            f"{path.suffix} has no room for theme {options.theme!r}: choose another, or a format such as .gif"
        )


def _check_plot(chart: str | None, path: Path, chart_options: Sequence[str]) -> None:
    """Raise UsageError if something is asked of a plot function that only charts can do."""
    if chart is not None:
        raise UsageError(f"chart {chart!r} and a plot of your own: name one of them")
    if chart_options:
        raise UsageError(f"{chart_options[0]} does not reach a plot of your own: set colours and words in its function")
    if find_format(path).is_vector:
        raise no_vectors()


def pick(recordings: Sequence[Recording] | Recording, compare: bool, chart: str | None = None) -> Comparison:
    """Return the arms to draw: all with `compare` or for a chart that always draws all; else the only one.

    Raises RecordingError if there is one arm where several are compared, or several where one is drawn.
    """
    compare = compare or bool(chart and find_chart(chart).together)
    comparison = gather([recordings] if isinstance(recordings, Recording) else recordings)
    names = ", ".join(repr(arm.name) for arm in comparison.arms)
    if compare and len(comparison.arms) < 2:
        raise RecordingError(f"nothing to compare: all recordings are of arm {names}")
    if not compare and len(comparison.arms) > 1:
        raise RecordingError(
            f"the recordings are of the arms {names}: draw them together with --compare, or name those of one"
        )
    return comparison

"""Contents of a deck in any format: a title, one slide for each chart, and tables of results."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from shlex import quote

from dropviz._util.text import replace_unsafe
from dropviz.analysis.captions import best_snapshots, facts
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.metrics import families, is_share, quantity_name
from dropviz.charts import CHARTS, find_chart
from dropviz.errors import RecordingError
from dropviz.experiments.presets import PRESETS
from dropviz.publish.decks.tables import Table, tables_of
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.source import ChartSource, provenance
from dropviz.style.labels import Labels

COMMON = ("accuracy", "network")  # charts of any experiment; the others belong to the one that they name
COMMON_OF_OTHERS = ("accuracy", "sites")  # of models that are no chain of linear modules
METRICS = "metrics"  # of recordings of no experiment, with more metrics than `accuracy` draws
# Width and height of the pictures in pixels, which leave room for a title above them. Their text is equally large in
# both ratios.
SIZES = {"16:9": (1280, 720), "4:3": (1120, 720)}


@dataclass(frozen=True)
class Slide:
    """Slide with one chart.

    source  the chart, and the recordings that it draws
    title   text above the chart
    alt     alternative text
    notes   paragraphs of the speaker notes
    """

    source: ChartSource
    title: str
    alt: str
    notes: tuple[str, ...]

    @property
    def chart(self) -> str:
        """Name of the chart."""
        return self.source.chart


@dataclass(frozen=True)
class Deck:
    """Contents of a deck. All text is safe for any format, and in the language of `options`.

    facts       settings of the experiment, in one line
    heading     title of the slides with tables
    foot        note below the tables; may be empty
    notes       speaker notes of the slides with tables
    provenance  source of the recordings, for a comment in the file
    ratio       "16:9" or "4:3"
    left_out    reasons why charts are left out, or show one arm only
    """

    title: str
    facts: str
    slides: tuple[Slide, ...]
    heading: str
    tables: tuple[Table, ...]
    foot: str
    notes: tuple[str, ...]
    provenance: str
    ratio: str
    options: RenderOptions
    left_out: tuple[str, ...]


def make_deck(comparison: Comparison, options: RenderOptions, ratio: str = "16:9", title: str | None = None) -> Deck:
    """Return the deck of these recordings. Raises RecordingError if no chart can be drawn from them.

    options  rendering options, except the size, which follows from `ratio`
    ratio    "16:9" or "4:3"
    title    title of the deck; made from the name of the experiment if not given
    """
    options, labels = replace(options, size=SIZES[ratio]), options.labels
    labels.add_fonts_for(comparison.names)
    experiment = comparison.experiment
    drawable = {chart: _drawable(comparison, chart) for chart in _charts(comparison)}
    slides = tuple(_slide(source, options) for source, _ in drawable.values() if source)
    if not slides:
        raise RecordingError(
            f"no chart can be drawn of these recordings: {'; '.join(reason for _, reason in drawable.values())}"
        )
    name = labels("deck title", name=labels.name(experiment.name)) if experiment else labels("deck title own")
    return Deck(
        title=replace_unsafe(name if title is None else title),
        facts=replace_unsafe(facts(experiment, comparison.arms[0].seeds, labels, logs=comparison.logs)),
        slides=slides,
        heading=labels("slide figures"),
        tables=tables_of(comparison, labels, ratio),
        foot=labels("table foot") if _has_best(comparison) else "",
        notes=tuple(map(replace_unsafe, _last_notes(comparison, options))),
        provenance=replace_unsafe(provenance(comparison)),
        ratio=ratio,
        options=options,
        left_out=tuple(
            replace_unsafe(_left_out(chart, source, reason, options))
            for chart, (source, reason) in drawable.items()
            if reason
        ),
    )


def _charts(comparison: Comparison) -> list[str]:
    """Return the charts of this experiment, followed by those of any experiment."""
    is_chain = all(run.layers or not run.sites for arm in comparison.arms for run in arm.runs)
    shared = COMMON if is_chain else COMMON_OF_OTHERS
    if comparison.experiment is None:
        return [shared[0], *([METRICS] if len(families(comparison.all_metrics)) > 1 else []), *shared[1:]]
    name, common = comparison.experiment.name, (*COMMON, METRICS)
    return [*(each for each in CHARTS if each not in common and find_chart(each).experiment == name), *shared]


def _drawable(comparison: Comparison, chart: str) -> tuple[ChartSource | None, str]:
    """Return the chart of all arms, or else of the first arm that it can draw or None, and the reason."""
    alone = [Comparison(comparison.experiment, (arm,)) for arm in _noisy_first(comparison)]
    reason = ""
    for candidate in [comparison, *([] if find_chart(chart).together else alone)]:
        try:
            return ChartSource(candidate, chart), reason
        except RecordingError as error:
            reason = reason or str(error)
    return None, reason


def _left_out(chart: str, source: ChartSource | None, reason: str, options: RenderOptions) -> str:
    if source is None:
        return options.labels("left out", chart=chart, reason=reason)
    return options.labels(
        "shown alone", chart=chart, arm=options.labels.name(source.comparison.arms[0].name), reason=reason
    )


def _noisy_first(comparison: Comparison) -> list[ArmRuns]:
    return sorted(comparison.arms, key=lambda arm: not arm.has_noise)


def _slide(source: ChartSource, options: RenderOptions) -> Slide:
    comparison, chart, labels = source.comparison, source.chart, options.labels
    alt = replace_unsafe(source.alt(options))
    notes = [alt]
    if chart == "accuracy" and (best := best_snapshots(comparison, labels)):
        notes.append(best)
    notes += [labels("draw again", command=_command(comparison, chart, options)), provenance(comparison, chart)]
    return Slide(
        source,
        replace_unsafe(_slide_title(comparison, chart, labels)),
        alt,
        tuple(map(replace_unsafe, notes)),
    )


def _slide_title(comparison: Comparison, chart: str, labels: Labels) -> str:
    """Return the title of a slide; of a chart of curves of another metric than accuracy, one that names it."""
    if chart != "accuracy" or comparison.gaps():
        return labels(f"slide {chart}")
    metric = comparison.curve_metrics[0]
    if is_share(metric):
        return labels("slide accuracy one")
    return labels("slide metric", metric=quantity_name(metric, labels))


def _has_best(comparison: Comparison) -> bool:
    """Return whether the tables have best snapshots, which are chosen by test accuracy."""
    first = comparison.arms[0]
    return len(first.iterations) > 0 and FINAL in first.metrics


def _command(comparison: Comparison, chart: str, options: RenderOptions) -> str:
    """Return the command that draws a chart again, with a placeholder for recordings of no known experiment."""
    words = [
        "dropviz animate",
        chart,
        *(["--compare"] if len(comparison.arms) > 1 and not find_chart(chart).together else []),
    ]
    words += _source(comparison) or ["RECORDING…"]
    words += [
        "--size {}x{}".format(*options.size),
        f"--theme {quote(options.theme)}",
        f"--lang {options.lang}",
        *(["--large"] * options.large),
    ]
    return " ".join(words + ([f"--frames {options.frames}"] if options.frames else []))


def _source(comparison: Comparison) -> list[str]:
    """Return the options that select exactly these runs; none if there are no such options."""
    experiment, seeds = comparison.experiment, comparison.arms[0].seeds
    arms = [arm.name for arm in comparison.arms]
    if experiment is None or len(arms) < 2 or arms != [arm.name for arm in experiment.arms]:
        return []
    if any(arm.seeds != seeds for arm in comparison.arms):
        return []
    preset = PRESETS.get(experiment.name)
    is_preset = preset is not None and preset.replace(seeds=experiment.seeds) == experiment
    consecutive = seeds == tuple(range(1, len(seeds) + 1))
    if not consecutive and seeds != experiment.seeds:
        return []
    file = experiment.name if is_preset and consecutive else f"{experiment.name}.toml"
    return ["--experiment", quote(file), *([f"--seeds {len(seeds)}"] if consecutive else [])]


def _last_notes(comparison: Comparison, options: RenderOptions) -> Iterator[str]:
    """Yield the provenance, and the experiment as a TOML file, line by line."""
    yield provenance(comparison)
    experiment = comparison.experiment
    if _has_best(comparison):
        yield options.labels("table foot")
    if experiment:
        yield options.labels("experiment file", file=f"{experiment.name}.toml")
        yield from experiment.to_toml().splitlines()

"""Contents of a deck in any format: a title, one slide for each chart, and tables of results."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from shlex import quote

from dropviz._util.text import replace_unsafe
from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.metrics import families
from dropviz.charts import CHARTS, find_chart
from dropviz.errors import RecordingError
from dropviz.experiments.presets import PRESETS
from dropviz.publish.decks.tables import Table, tables_of
from dropviz.publish.gallery.exhibits import EXHIBITS, LECTURER, ORDERS
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.source import ChartSource, provenance
from dropviz.style.labels import Labels

COMMON = ("accuracy", "network")  # charts of any experiment; the others belong to the one that they name
COMMON_OF_OTHERS = ("accuracy", "sites")  # of models that are no chain of linear modules
METRICS = "metrics"  # of recordings of no experiment, with more metrics than `accuracy` draws
# In teaching order: what dropout is, what comes of it, why, and mistakes last.
ORDER = tuple(dict.fromkeys(["network", "sites", *(EXHIBITS[name].chart for name in ORDERS[LECTURER])]))
SIZES = {"16:9": (1280, 720), "4:3": (960, 720)}  # of the pictures, which fill the slides, in pixels


@dataclass(frozen=True)
class Slide:
    """Slide that one chart fills. The chart shows the question and the answer itself.

    source  the chart, and the recordings that it draws
    title   the question, for outlines, navigation and screen readers; it is not seen
    alt     alternative text
    notes   paragraphs of the speaker notes: question, answer, evidence, claim, caveat; then technical notes
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
    """Return the charts of this experiment and those of any experiment, in teaching order."""
    is_chain = all(run.layers or not run.sites for arm in comparison.arms for run in arm.runs)
    charts = [*(COMMON if is_chain else COMMON_OF_OTHERS)]
    if comparison.experiment is None:
        charts += [METRICS] if len(families(comparison.all_metrics)) > 1 else []
    else:
        name, common = comparison.experiment.name, (*COMMON, METRICS)
        charts += [each for each in CHARTS if each not in common and find_chart(each).experiment == name]
    return sorted(charts, key=lambda chart: ORDER.index(chart) if chart in ORDER else len(ORDER))


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
    question = find_chart(chart).question(comparison, labels)
    spoken = [question, *_spoken(source, labels)]
    technical = [labels("draw again", command=_command(comparison, chart, options)), provenance(comparison, chart)]
    notes = (*spoken, labels("technical notes"), *technical)
    alt = replace_unsafe(source.alt(options))
    return Slide(source, replace_unsafe(question), alt, tuple(map(replace_unsafe, notes)))


def _spoken(source: ChartSource, labels: Labels) -> Iterator[str]:
    """Yield the answer, its evidence, the claim with its source, and what limits the answer, as sentences."""
    comparison, stop = source.comparison, labels("full stop")
    for answer in source.answers(labels)[:1]:
        yield answer.headline + stop
        if answer.evidence:
            yield labels("notes evidence", evidence=answer.evidence) + stop
    experiment = comparison.experiment
    for exhibit in EXHIBITS.values():
        if experiment and (exhibit.chart, exhibit.experiment) == (source.chart, experiment.name):
            yield labels("notes claim", claim=labels(f"claim {exhibit.name}"), source=exhibit.source)
            break
    for answer in source.answers(labels)[:1]:
        yield _caveat(answer, comparison, labels)
    if source.chart == "accuracy" and _has_best(comparison):
        yield labels("table foot")


def _caveat(answer: Answer, comparison: Comparison, labels: Labels) -> str:
    """Return what limits an answer: a single run, an interval on both sides of zero, or else the settings."""
    if len(comparison.arms[0].seeds) == 1:
        return labels("caveat one run")
    if answer.holds is None and answer.p_value is not None:
        return labels("caveat open")
    return labels("caveat settings")


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

"""Charts. In: a comparison and a canvas. Out: a figure that does not change, and a timeline of artists that do.

A new chart is one file, or one folder with its own parts, and one line in CHARTS. Importing this imports no matplotlib.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dropviz._util.registry import Entry
from dropviz.errors import UsageError, one_of

if TYPE_CHECKING:
    from dropviz.charts.base.chart import Chart

CHARTS = {
    "accuracy": Entry("train and test accuracy against iteration", "dropviz.charts.accuracy.chart:AccuracyChart"),
    "network": Entry("the units and edges that each minibatch drops", "dropviz.charts.network:NetworkChart"),
    "sites": Entry("any model, and the masks that each minibatch draws", "dropviz.charts.sites.chart:SitesChart"),
    "story": Entry("one network and the accuracy of all, at the same iteration", "dropviz.charts.story:StoryChart"),
    "metrics": Entry("every recorded metric against iteration", "dropviz.charts.metrics.chart:MetricsChart"),
    "gate": Entry("what the gates of one layer let through", "dropviz.charts.gate.chart:GateChart"),
    "expectation": Entry(
        "the mean of what a noise layer hands on, over more and more masks",
        "dropviz.charts.expectation.chart:ExpectationChart",
    ),
    "subnetworks": Entry(
        "how many thinned networks there were, and what two share", "dropviz.charts.subnetworks.chart:SubnetworksChart"
    ),
    "own-layer": Entry("masks of one layer beside those of another", "dropviz.charts.own_layer.chart:OwnLayerChart"),
    "architectures": Entry(
        "test error against iteration, for several architectures",
        "dropviz.charts.architectures.chart:ArchitecturesChart",
    ),
    "features": Entry("the weights into hidden units, as images", "dropviz.charts.features.chart:FeaturesChart"),
    "sparsity": Entry("histograms of hidden activations while training", "dropviz.charts.sparsity.chart:SparsityChart"),
    "variance": Entry("variance of hidden activations around the noise", "dropviz.charts.variance.chart:VarianceChart"),
    "rates": Entry("test error against the drop probability", "dropviz.charts.rates:RatesChart"),
    "data-size": Entry("test error against the size of the training set", "dropviz.charts.data_size:DataSizeChart"),
    "monte-carlo": Entry(
        "averages of thinned networks at test time", "dropviz.charts.monte_carlo.chart:MonteCarloChart"
    ),
    "epochs": Entry("accuracy in training that goes on and on", "dropviz.charts.epochs:EpochsChart"),
    "regularizers": Entry("test errors of regularisers", "dropviz.charts.regularizers:RegularizersChart"),
    "interaction": Entry(
        "dropout and weight decay, alone and together", "dropviz.charts.interaction.chart:InteractionChart"
    ),
    "noises": Entry("test errors of other noises than dropout's", "dropviz.charts.noises:NoisesChart"),
    "schedules": Entry("test errors of dropout early, late, all the time", "dropviz.charts.schedules:SchedulesChart"),
    "tikhonov": Entry("noise on the input against an L2 penalty", "dropviz.charts.tikhonov.chart:TikhonovChart"),
    "pitfall": Entry("a common mistake beside the right version", "dropviz.charts.pitfall.chart:PitfallChart"),
}


@dataclass(frozen=True)
class ChartInfo:
    """A chart that can be drawn, and what it needs.

    name         name of the chart, as in `animate(recordings, name)`
    help         what it shows, in a line
    experiment   name of the preset that it is drawn of by default
    together     True if it always draws all arms, as with `compare=True`
    needs_masks  True if the recordings must hold masks
    probes       names of the probes that the recordings must hold
    """

    name: str
    help: str
    experiment: str
    together: bool
    needs_masks: bool
    probes: tuple[str, ...]


def list_charts() -> dict[str, ChartInfo]:
    """Return all charts by name.

    >>> import dropviz
    >>> dropviz.list_charts()["sparsity"].probes
    ('activations',)
    >>> [name for name, chart in dropviz.list_charts().items() if chart.needs_masks]
    ['network', 'sites', 'story', 'gate', 'subnetworks', 'own-layer']
    """
    return {name: _info(name, entry.help, find_chart(name)) for name, entry in CHARTS.items()}


def _info(name: str, summary: str, chart: "type[Chart]") -> ChartInfo:
    return ChartInfo(name, summary, chart.experiment, chart.together, chart.needs_masks, chart.probes)


def find_chart(name: str) -> "type[Chart]":
    """Return the class of the chart `name`. Raises UsageError if there is none."""
    if name not in CHARTS:
        raise UsageError(one_of("chart", name, CHARTS))
    chart: type[Chart] = CHARTS[name].load()
    return chart

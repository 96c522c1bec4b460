"""The kinds of picture. A new chart is one new file and one line here."""

from typing import Any

from dropviz._util.registry import Entry
from dropviz.errors import UsageError, one_of

CHARTS = {
    "accuracy": Entry("train and test accuracy against iteration", "dropviz.charts.accuracy.chart:AccuracyChart"),
    "network": Entry("the units and edges that each minibatch drops", "dropviz.charts.network:NetworkChart"),
    "story": Entry("one network and the accuracy of all, at the same iteration", "dropviz.charts.story:StoryChart"),
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
    "rates": Entry("train and test error against the drop probability", "dropviz.charts.rates:RatesChart"),
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


def find_chart(name: str) -> Any:
    """The class of the chart called `name`; UsageError if there is none."""
    if name not in CHARTS:
        raise UsageError(one_of("chart", name, CHARTS))
    return CHARTS[name].load()

"""The kinds of picture. A new chart is one new file and one line here."""

from typing import Any

from dropviz.errors import UsageError, one_of
from dropviz.registry import Entry

CHARTS = {
    "accuracy": Entry("train and test accuracy against iteration", "dropviz.charts.accuracy:AccuracyChart"),
    "expectation": Entry(
        "the mean of what a noise layer hands on, over more and more masks",
        "dropviz.charts.expectation:ExpectationChart",
    ),
    "gate": Entry("what the gates of one layer let through", "dropviz.charts.gate:GateChart"),
    "network": Entry("the units and edges that each minibatch drops", "dropviz.charts.network:NetworkChart"),
    "story": Entry("one network and the accuracy of all, at the same iteration", "dropviz.charts.story:StoryChart"),
    "own-layer": Entry("masks of one layer beside those of another", "dropviz.charts.own_layer:OwnLayerChart"),
    "subnetworks": Entry(
        "how many thinned networks there were, and what two share", "dropviz.charts.subnetworks:SubnetworksChart"
    ),
    "regularizers": Entry("test errors of regularisers", "dropviz.charts.regularizers:RegularizersChart"),
    "interaction": Entry("dropout and weight decay, alone and together", "dropviz.charts.interaction:InteractionChart"),
    "sparsity": Entry("histograms of hidden activations while training", "dropviz.charts.sparsity:SparsityChart"),
    "monte-carlo": Entry("averages of thinned networks at test time", "dropviz.charts.monte_carlo:MonteCarloChart"),
    "rates": Entry("train and test error against the drop probability", "dropviz.charts.rates:RatesChart"),
    "data-size": Entry("test error against the size of the training set", "dropviz.charts.data_size:DataSizeChart"),
    "architectures": Entry(
        "test error against iteration, for several architectures", "dropviz.charts.architectures:ArchitecturesChart"
    ),
    "epochs": Entry("accuracy in training that goes on and on", "dropviz.charts.epochs:EpochsChart"),
    "pitfall": Entry("a common mistake beside the right version", "dropviz.charts.pitfall:PitfallChart"),
    "tikhonov": Entry("noise on the input against an L2 penalty", "dropviz.charts.tikhonov:TikhonovChart"),
    "noises": Entry("test errors of other noises than dropout's", "dropviz.charts.noises:NoisesChart"),
    "schedules": Entry("test errors of dropout early, late, all the time", "dropviz.charts.schedules:SchedulesChart"),
}


def find_chart(name: str) -> Any:
    """The class of the chart called `name`; UsageError if there is none."""
    if name not in CHARTS:
        raise UsageError(one_of("chart", name, CHARTS))
    return CHARTS[name].load()

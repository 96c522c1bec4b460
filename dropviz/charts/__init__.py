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
    "own-layer": Entry("masks of one layer beside those of another", "dropviz.charts.own_layer:OwnLayerChart"),
    "subnetworks": Entry(
        "how many thinned networks there were, and what two share", "dropviz.charts.subnetworks:SubnetworksChart"
    ),
}


def find_chart(name: str) -> Any:
    """The class of the chart called `name`; UsageError if there is none."""
    if name not in CHARTS:
        raise UsageError(one_of("chart", name, CHARTS))
    return CHARTS[name].load()

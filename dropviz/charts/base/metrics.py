"""Metrics that recordings must hold."""

from dropviz.analysis.comparison import Comparison


def require_metrics(comparison: Comparison, *names: str) -> None:
    """Raise RecordingError if the snapshots of a run lack one of these metrics."""
    for arm in comparison.arms:
        for run in arm.runs:
            for name in names:
                run.metric(name)

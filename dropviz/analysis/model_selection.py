"""Which strength of a method to show: the one that does best on images held out."""

from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment

PENALTIES = ("weight_decay", "l1", "l2", "activation_l1", "activation_l2", "max_norm", "input_noise")
DROPOUT = "dropout"
Method = frozenset[str]


def arms_by_method(comparison: Comparison) -> dict[Method, list[ArmRuns]]:
    """The arms by what they hold the network back with, whatever its strength, in the order in which they come.

    A method is a set of names: of settings in PENALTIES, and "dropout". RecordingError without an experiment to ask.
    """
    experiment = comparison.experiment
    if experiment is None:
        raise RecordingError("recorded from a training loop of its own: nothing says what regularises its arms")
    found: dict[Method, list[ArmRuns]] = {}
    for arm in comparison.arms:
        found.setdefault(method_of(experiment, experiment.arm(arm.name)), []).append(arm)
    return found


def method_of(experiment: Experiment, arm: Arm) -> Method:
    """What holds the network of an arm back."""
    own = experiment.of(arm)
    return frozenset([*(name for name in PENALTIES if getattr(own, name)), *([DROPOUT] if arm.has_noise else [])])


def select_arm(arms: list[ArmRuns]) -> ArmRuns:
    """The arm with the best mean accuracy at the end on images held out; of equal ones, the one with the least loss."""
    if len(arms) == 1:
        return arms[0]
    for arm in arms:
        if "validation_accuracy" not in arm.runs[0].snapshots:
            raise RecordingError(
                f"arm {arm.name!r} is one of {len(arms)} strengths of a method, and no images were held out to choose "
                "by: train with validation_size"
            )
    return max(arms, key=lambda arm: (_end(arm, "validation_accuracy"), -_end(arm, "validation_loss")))


def _end(arm: ArmRuns, metric: str) -> float:
    return float(arm.values(metric)[:, -1].mean())

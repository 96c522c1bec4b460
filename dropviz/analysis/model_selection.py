"""Selection of an arm among several strengths of one method, by accuracy on held-out images."""

from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment

PENALTIES = ("weight_decay", "l1", "l2", "activation_l1", "activation_l2", "max_norm", "input_noise")
DROPOUT = "dropout"
# Names of fields in PENALTIES, and "dropout": how a network is regularised, whatever the strength.
Method = frozenset[str]


def arms_by_method(comparison: Comparison) -> dict[Method, list[ArmRuns]]:
    """Return the arms of each method, in the order of the arms.

    Raises RecordingError for recordings without an experiment.
    """
    experiment = comparison.experiment
    if experiment is None:
        raise RecordingError("recorded in a custom training loop: nothing says what regularises its arms")
    found: dict[Method, list[ArmRuns]] = {}
    for arm in comparison.arms:
        found.setdefault(method_of(experiment, experiment.arm(arm.name)), []).append(arm)
    return found


def method_of(experiment: Experiment, arm: Arm) -> Method:
    """Return the method that regularises an arm."""
    own = experiment.of(arm)
    return frozenset([*(name for name in PENALTIES if getattr(own, name)), *([DROPOUT] if arm.has_noise else [])])


def select_arm(arms: list[ArmRuns]) -> ArmRuns:
    """Return the arm with the highest mean validation accuracy at the end; of equal ones, with the lowest loss.

    Raises RecordingError if there are several arms, and no images were held out.
    """
    if len(arms) == 1:
        return arms[0]
    for arm in arms:
        if not {"validation_accuracy", "validation_loss"} <= set(arm.metrics):
            raise RecordingError(
                f"arm {arm.name!r} is one of {len(arms)} strengths of a method, and no images were held out to choose "
                "by: train with validation_size"
            )
    return max(arms, key=lambda arm: (_end(arm, "validation_accuracy"), -_end(arm, "validation_loss")))


def _end(arm: ArmRuns, metric: str) -> float:
    return float(arm.last_values(metric).mean())

"""Finished pictures in the trackers of experiments: Weights & Biases, TensorBoard and MLflow."""

from pathlib import Path
from typing import Any

from dropviz._util.paths import user_path
from dropviz.errors import UsageError
from dropviz.rendering.animation import Animation

VIDEOS = (".gif", ".mp4", ".webm")
IMAGES = (".png", ".webp")
IN_TENSORBOARD = (".gif", ".png")
RGB = 3  # channels, as TensorBoard counts them


def log_animation(animation: Animation | str | Path, to: Any, name: str = "dropviz", step: int | None = None) -> None:
    """Hand a finished picture to a tracker of experiments.

    animation  an animation, or the path of its file
    to         a run of Weights & Biases; a SummaryWriter of TensorBoard, which shows .gif and .png; or the module
               `mlflow`, for its active run
    name       name of the picture there; of MLflow, the folder of its artifact
    step       number of the iteration; MLflow has none

    Raises UsageError if the file is missing, the tracker is of another kind, or it shows no such file.

    >>> import dropviz
    >>> from torch.utils.tensorboard import SummaryWriter
    >>> animation = dropviz.animate(dropviz.load("assets/sample-dropout-0.5.npz"), frames=3, out="out/a.gif")
    >>> with SummaryWriter("out/board") as writer:
    ...     dropviz.log_animation(animation, to=writer)
    """
    path = animation.path if isinstance(animation, Animation) else user_path(animation)
    alt = animation.alt if isinstance(animation, Animation) else ""
    if not path.is_file():
        raise UsageError(f"{path} is no file: hand over an animation of one file, such as .gif")
    if type(to).__module__.partition(".")[0] == "wandb":
        _log_to_wandb(path, alt, to, name, step)
    elif hasattr(to, "file_writer"):
        _log_to_tensorboard(path, to, name, step)
    elif hasattr(to, "log_artifact"):
        to.log_artifact(str(path), artifact_path=name)
    else:
        raise UsageError(f"to is of {type(to).__name__}: must be a run of wandb, a SummaryWriter, or the module mlflow")


def _log_to_wandb(path: Path, alt: str, run: Any, name: str, step: int | None) -> None:
    import wandb

    suffix = path.suffix.lower()
    if suffix in VIDEOS:
        shown: Any = wandb.Video(str(path), caption=alt or None, format=suffix.removeprefix("."))
    elif suffix in IMAGES:
        shown = wandb.Image(str(path), caption=alt or None)
    elif suffix == ".html":
        shown = wandb.Html(path.read_text(encoding="utf-8"), inject=False)
    else:
        raise _cannot_show("Weights & Biases", path, (*VIDEOS, *IMAGES, ".html"))
    run.log({name: shown}, step=step)


def _log_to_tensorboard(path: Path, writer: Any, name: str, step: int | None) -> None:
    """Add the bytes of the file as an image: TensorBoard plays a GIF."""
    from PIL import Image
    from tensorboard.compat.proto.summary_pb2 import Summary

    if path.suffix.lower() not in IN_TENSORBOARD:
        raise _cannot_show("TensorBoard", path, IN_TENSORBOARD)
    with Image.open(path) as image:
        width, height = image.size
    picture = Summary.Image(width=width, height=height, colorspace=RGB, encoded_image_string=path.read_bytes())
    writer.file_writer.add_summary(Summary(value=[Summary.Value(tag=name, image=picture)]), step)


def _cannot_show(tracker: str, path: Path, suffixes: tuple[str, ...]) -> UsageError:
    return UsageError(f"{tracker} does not show {path}: must be one of {', '.join(suffixes)}")

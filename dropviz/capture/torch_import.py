"""A check that torch can be imported."""

from dropviz.errors import DependencyError, reason


def check_torch() -> None:
    """Import torch. Raises DependencyError if it is missing or its installation is broken."""
    try:
        import torch  # noqa: F401  # only to find out whether it can be imported
    except (ImportError, OSError) as error:
        raise DependencyError(f"cannot import torch ({reason(error)}): pip install torch torchvision") from None

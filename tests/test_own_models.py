"""The models of docs/own-models.md: each block of code runs, and records what its picture shows."""

import importlib.util
import re
from pathlib import Path

import pytest
import torch

PAGE = (Path(__file__).parents[1] / "docs/own-models.md").read_text()
LOOP, *MODELS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PICTURES = re.findall(r"\.\./(assets/models/\w+)\.gif", PAGE)
KINDS = {
    "mlp": {"units"},
    "convnet": {"channels", "units"},
    "lstm": {"units"},
    "transformer": {"attention", "units"},
    "convnext": {"paths"},
    "bert": {"attention", "units"},
}


@pytest.mark.parametrize(("code", "picture"), list(zip(MODELS, PICTURES, strict=True)), ids=KINDS)
def test_printed_models_are_recorded(code, picture):
    """Each model is recorded whole: kinds of its masks, and outputs that they give."""
    if "transformers" in code and importlib.util.find_spec("transformers") is None:
        pytest.skip("needs transformers: pip install 'dropviz[transformers]'")
    torch.manual_seed(0)
    names = {}
    exec(LOOP.replace("iterations=40", "iterations=3") + code, names)  # noqa: S102  # our own
    recording = names["recording"]
    assert {site.kind for site in recording.sites} == KINDS[Path(picture).name]
    assert recording.unseen == ()
    assert all(site.compared and site.error <= 4 for site in recording.sites)
    assert all(recording.masks[site.name].shape == (3, *site.shape) for site in recording.sites)

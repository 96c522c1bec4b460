"""The style sheets and scripts that pages are made of, and how a page's policy (CSP) names them."""

import base64
import hashlib
from importlib.resources import files


def piece(name: str) -> str:
    """The text of a file of this room."""
    return files("dropviz.publish").joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """A style sheet or script as a content security policy allows it, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

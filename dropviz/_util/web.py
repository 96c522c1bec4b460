"""Templates, style sheets and scripts of generated pages, and their hashes in a content security policy."""

import base64
import hashlib
from importlib.resources import files


def asset(package: str, name: str) -> str:
    """Return the text of the file `name` in `package`."""
    return (files(package) / name).read_text(encoding="utf-8")


def csp_hash(text: str) -> str:
    """Return the source expression that allows exactly this style sheet or script (CSP Level 3, hashes)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def fill_template(package: str, name: str, **values: object) -> str:
    """Return the Jinja template `name` in `package` with `values` put in.

    Values are escaped for HTML, except where the template marks them as `safe`. Raises jinja2.UndefinedError if the
    template uses a value that is not given.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(asset(package, name)).render(values)

"""Copying text to the clipboard, by a program of the system.

The package pyperclip does not serve here: it ignores the exit status of these programs, so that a failure looks like
success and no other program is tried, and xclip keeps its output open, so that a pipe from `dropviz` never ends.
"""

import os
import shutil
import subprocess

from dropviz.errors import DependencyError

# Programs in the order in which they are tried: options, and the encoding that each reads.
PROGRAMS: dict[str, tuple[list[str], str]] = {
    "wl-copy": ([], "utf-8"),
    "xclip": (["-selection", "clipboard"], "utf-8"),
    "xsel": (["--clipboard", "--input"], "utf-8"),
    "pbcopy": ([], "utf-8"),
    "clip.exe": ([], "utf-16-le"),
}
TIMEOUT = 5.0  # seconds


def copy_to_clipboard(text: str) -> str:
    """Copy `text`, and return the name of the program that did it.

    Raises DependencyError if no program is installed or all of them fail.
    """
    available = {name: path for name in PROGRAMS if (path := shutil.which(name))}
    for name, path in available.items():
        options, encoding = PROGRAMS[name]
        if _run([path, *options], text.encode(encoding, "replace")):
            return name
    if available:
        names = ", ".join(available)
        raise DependencyError(f"cannot copy: {names} failed, perhaps because there is no screen; leave out --clipboard")
    raise DependencyError("no program to copy with: install wl-copy, xclip or xsel, or leave out --clipboard")


def _run(command: list[str], data: bytes) -> bool:
    # xclip goes on running with its output open: waiting for the end of a pipe would never end.
    try:
        result = subprocess.run(  # noqa: S603  # a program of PROGRAMS, found in PATH
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
            env=os.environ | {"LC_CTYPE": "UTF-8"},  # pbcopy decodes by it
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0

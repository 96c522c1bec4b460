"""Into the clipboard, by whichever program is there for it."""

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
PATIENCE = 5.0  # seconds


def copy(words: str) -> str:
    """Copy `words`; the name of the program that did. DependencyError if there is none that can."""
    there = {name: found for name in PROGRAMS if (found := shutil.which(name))}
    for name, found in there.items():
        options, encoding = PROGRAMS[name]
        if _run([found, *options], words.encode(encoding, "replace")):
            return name
    if there:
        names = ", ".join(there)
        raise DependencyError(f"cannot copy: {names} failed, perhaps for want of a screen; leave out --clipboard")
    raise DependencyError("no program to copy with: install wl-copy, xclip or xsel, or leave out --clipboard")


def _run(command: list[str], data: bytes) -> bool:
    # xclip stays behind to serve what it holds: with a pipe for its output we would wait for it.
    try:
        done = subprocess.run(  # noqa: S603  # one of PROGRAMS, as it stands in PATH
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
            env=os.environ | {"LC_CTYPE": "UTF-8"},  # pbcopy reads by it
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0

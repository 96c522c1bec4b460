"""Vaults of Obsidian: their folder of attachments."""

import json
import os
from pathlib import Path, PurePosixPath

from dropviz._util.text_files import read_text
from dropviz.errors import OutputError

ATTACHMENTS = "attachments"
SETTINGS = Path(".obsidian/app.json")


def attachments_folder(vault: Path) -> Path:
    """Return the folder for attachments of a note at the top of `vault`, relative to it: as Obsidian has it set.

    It is "attachments" where Obsidian has no setting. Raises OutputError if there is no such vault, or if the folder is
    outside of it.
    """
    if not os.path.isdir(vault):
        raise OutputError(f"no vault at {vault}: name the folder that Obsidian opens")
    setting = PurePosixPath(_setting(vault))
    # A leading "/" is the vault, "./" the folder of the note, which is the vault too.
    parts = [part for part in setting.parts if part not in ("/", ".")]
    if ".." in parts:
        raise OutputError(f"the attachments of vault {vault} are outside of it, in {str(setting)!r}: change that there")
    return Path(*parts)


def _setting(vault: Path) -> str:
    """Return `attachmentFolderPath` of Obsidian's settings; ATTACHMENTS if it cannot be read or is not set."""
    try:
        settings = json.loads(read_text(vault / SETTINGS))
        found = settings.get("attachmentFolderPath")
    except (OSError, ValueError, AttributeError):
        return ATTACHMENTS
    return found if isinstance(found, str) and found else ATTACHMENTS

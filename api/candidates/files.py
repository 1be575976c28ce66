"""The résumés as they were sent: one file each, readable by this program alone."""

import os
import secrets
from pathlib import Path


class ResumeFiles:
    """A directory of résumés. Every file's name begins with its candidate's id, so that none outlives the candidate."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, candidate_id: str, data: bytes) -> str:
        """Keep a file and return its name."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{candidate_id}.{secrets.token_hex(16)}.pdf"
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return name

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def remove_all(self, candidate_id: str) -> None:
        """Remove every file of a candidate, also those that an upload left behind when its process was killed."""
        for path in self._folder.glob(f"{candidate_id}.*.pdf"):
            path.unlink(missing_ok=True)

"""The résumés as they were sent, readable by this program alone."""

import os
import re
import secrets
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path


class ResumeFiles:
    """A directory of résumés, with one inside for each candidate, so that no file outlives its candidate unseen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, candidate_id: str, data: bytes) -> str:
        """Keep a file and return its name."""
        for folder in (self._folder, self._folder / candidate_id):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{candidate_id}/{secrets.token_hex(16)}.pdf"
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return name

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def remove_all(self, candidate_id: str) -> None:
        """Remove every file of a candidate, also those that an upload left behind when its process was killed."""
        for path in (self._folder / candidate_id).glob("*"):  # the directory stays: an upload may be about to use it
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class PersonalFiles:
    """Every place where files hold what a candidate gave or said. outboxes: what bots have not delivered."""

    resumes: ResumeFiles
    recordings: Path
    outboxes: Path

    def remove(self, candidates: Iterable[str], attempts: Set[str]) -> None:
        """Remove every file of some candidates and of some tries at interviews."""
        for candidate in candidates:
            self.resumes.remove_all(candidate)
        for folder in (self.recordings, self.outboxes):
            for path in folder.glob("*"):
                if re.split(r"[.-]", path.name)[0] in attempts:
                    path.unlink(missing_ok=True)

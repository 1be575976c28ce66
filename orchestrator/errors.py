"""Everything that can go wrong between wanting a bot and having one.

OrchestratorError
 ├─ LaunchError        the place where bots run can't be reached or refused (retryable)
 │   └─ CapacityError      every slot is taken (retryable)
 ├─ StorageError       recordings and outboxes can't be kept or fetched (retryable)
 ├─ UnknownLauncher    no launcher of that name
 └─ ChildFailed        a part of `serve` stopped for a reason that starting it again can't cure
"""

from collections.abc import Iterable
from typing import ClassVar


class OrchestratorError(Exception):
    """Root of this package's errors."""

    retryable: ClassVar[bool] = False


class LaunchError(OrchestratorError):
    """The place where bots run can't be reached or refused."""

    retryable = True


class CapacityError(LaunchError):
    """Every slot is taken."""

    def __init__(self, detail: str, *, total: int) -> None:
        super().__init__(detail)
        self.total = total


class StorageError(OrchestratorError):
    """Recordings and outboxes can't be kept or fetched."""

    retryable = True

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"STORAGE_URL: {key}: {why}")
        self.key = key


class UnknownLauncher(OrchestratorError):
    """No launcher of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no launcher {name!r}; LAUNCHER is one of {', '.join(sorted(known))}")
        self.name = name


class ChildFailed(OrchestratorError):
    """A part of `serve` stopped for a reason that starting it again can't cure."""

    def __init__(self, child: str, code: int, words: str) -> None:
        super().__init__(f"{child}: {words}" if words else f"{child} ended with exit code {code}")
        self.child, self.code, self.words = child, code, words

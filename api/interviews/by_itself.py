"""One thing after the other, none of which keeps the others from being looked after."""

import contextlib
from collections.abc import Iterator

import structlog

from orchestrator import LaunchHandle
from orchestrator.errors import LaunchError
from orchestrator.logs import names_of

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def by_itself(what: str, handle: LaunchHandle | None = None, **names: str) -> Iterator[None]:
    """Log what goes wrong with one item and go on with the next; an unreachable launcher concerns all of them.

    handle, names: what it is about, on every line that is logged meanwhile.
    """
    about = names if handle is None else {**names_of(handle), **names}
    with structlog.contextvars.bound_contextvars(**about):
        try:
            yield
        except LaunchError:
            raise
        except Exception:  # one item must not keep the others from being looked after
            log.exception(what)

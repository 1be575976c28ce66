"""One thing after the other, none of which keeps the others from being looked after."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator

import structlog
from sqlalchemy.exc import SQLAlchemyError

from orchestrator import LaunchHandle
from orchestrator.errors import LaunchError
from orchestrator.logs import names_of

log = structlog.get_logger(__name__)


async def rounds(look: Callable[[], Awaitable[None]], bell: asyncio.Event, every_s: float) -> None:
    """Take a round, and another when the bell rings or after `every_s`, until cancelled; one that fails is logged."""
    while True:
        bell.clear()
        try:
            await look()
        except (SQLAlchemyError, OSError) as error:
            log.error("database_unavailable", error=str(error))
        except Exception:  # without its rounds a control plane is dead, and so is its successor
            log.exception("round_failed")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await bell.wait()


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

"""Interviews and questions made for a text that somebody wrote. Nothing of it is saved.

Two engines do it: `suggesting.py` out of the question bank, by rules; `modelled.py` by asking a chat model, whose
answer is checked. `service.py` chooses.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from api.drafting.schemas import DraftIn, DraftOut, GeneratedOut, GenerateIn


class Drafter(Protocol):
    """An engine."""

    async def draft(self, wanted: "DraftIn") -> "DraftOut":
        """Return a whole interview for what a text asks for."""
        ...

    async def generate(self, wanted: "GenerateIn") -> "GeneratedOut":
        """Return questions for a job."""
        ...

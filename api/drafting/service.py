"""Which engine drafts, and what takes its place when it can't."""

import asyncio

from api.drafting.schemas import DraftIn, DraftOut, GeneratedOut, GenerateIn
from api.interviews.library import Library


class Structured:
    """The structured engine as the seam has it: its work is done beside the event loop."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def draft(self, wanted: DraftIn) -> DraftOut:
        """Return a whole interview; raise `Invalid`."""
        return await asyncio.to_thread(lambda: self._library.drafter.draft(wanted))

    async def generate(self, wanted: GenerateIn) -> GeneratedOut:
        """Return questions for a job; raise `Invalid`."""
        return await asyncio.to_thread(lambda: self._library.drafter.generate(wanted))

"""A network cable to a server of this machine that a test can cut and mend."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cable:
    """Passes bytes on in both directions. port: where its near end is."""

    def __init__(self, far_port: int) -> None:
        self._far_port = far_port
        self._whole = True
        self._answers = True
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    def cut(self) -> None:
        """Break every connection, whatever is under way in it, and let none through."""
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def lose_answers(self) -> None:
        """Let what is sent through, and lose what comes back, until it is mended."""
        self._answers = False

    def mend(self, far_port: int | None = None) -> None:
        """Let connections through again, to another server if its port is given."""
        self._far_port = far_port or self._far_port
        self._whole = self._answers = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one caller with the far end until either side is done."""
        if not self._whole:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far_port)
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pour(reader, far_writer))
                tasks.create_task(self._pour(far_reader, writer, back=True))
        finally:
            self._ends -= ends

    async def _pour(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, back: bool = False) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                if self._answers or not back:
                    sink.write(data)
                    await sink.drain()
        sink.close()


@asynccontextmanager
async def cable_to(far_port: int) -> AsyncIterator[Cable]:
    """Lay a cable to a port of this machine for as long as the block runs."""
    cable = Cable(far_port)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    cable.port = server.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        server.close()
        cable.cut()
        await server.wait_closed()

"""The built-in room by itself, on one port, for whoever has a token of `SEATS`."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI

from api.room import Card, Hub, Refused, RoomSeat, room_router
from api.room.frames import NoticeShown

CARD = Card(title="Backend engineer", language="en", mode="solo", status="in_progress", questions=3)


@dataclass(frozen=True)
class Seat:
    participant_id: str
    role: str
    name: str


SEATS = {
    "ada": Seat("ada", "candidate", "Ada"),
    "bot": Seat("bot-1", "bot", "Viva"),
    "ines": Seat("ines", "interviewer", "Ines"),
    "olga": Seat("olga", "observer", "Olga"),
}


class GuestList:
    async def admit(self, interview_id: str, token: str) -> tuple[RoomSeat, Card]:
        if token not in SEATS:
            raise Refused(4401, "link_invalid", "This link is not valid.")
        return SEATS[token], CARD

    async def agreed(self, interview_id: str, seat: RoomSeat, notice: NoticeShown | None) -> None:
        pass

    async def withdrew(self, interview_id: str, seat: RoomSeat) -> None:
        pass


@dataclass
class RestartableRoom:
    """The room's server on one port that can be taken away and brought back."""

    port: int
    hub: Hub = field(default_factory=Hub)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/room/i1/signal"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        self.hub = Hub()
        app = FastAPI()
        app.include_router(room_router(self.hub, GuestList(), 2.0))
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="websockets-sansio", port=self.port)
        server = uvicorn.Server(config)
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", self.port))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server.serve([listening]))
                yield
                self.hub.close()
                server.should_exit = True

"""Who is in a room: what a door says of them, what they are told, and how they are refused."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypedDict

Json: TypeAlias = dict[str, Any]

MAX_QUEUED = 512

BAD_FRAME = 4400
BAD_LINK = 4401
NOT_ALLOWED = 4403
NOT_FOUND = 4404
NO_HELLO = 4408
REPLACED = 4409
INTERVIEW_OVER = 4410
TOO_MANY = 4429
COME_BACK = 1012
TRY_LATER = 1013

NOT_NAMED = "not_named"  # whose links were taken back
TAKEN_BACK = "You were taken off this interview; ask for a new link."


class Refused(Exception):
    """The room says no. close: the WebSocket close code; code and detail: for the error frame.

    role: of a seat whose link is good, for an interview that is over.
    """

    def __init__(self, close: int, code: str, detail: str, *, role: str | None = None) -> None:
        super().__init__(detail)
        self.close = close
        self.code = code
        self.detail = detail
        self.role = role


class RoomSeat(Protocol):
    """Whom a join link names. role: candidate, interviewer, observer or bot."""

    @property
    def participant_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Card:
    """What a page may know of the interview before it begins. questions, minutes: what is planned; bot: its name.

    interviewers, observers: the names of those who hold it, and of those who may listen.
    removed: the participants who are of it no longer.
    """

    title: str
    language: str
    mode: str
    status: str
    questions: int
    minutes: float | None = None
    candidate: str = ""
    organisation: str = ""
    bot: str = "Viva"
    interviewers: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class PeerCard(TypedDict):
    """How the others see one connection of a participant."""

    peer_id: str
    participant_id: str
    role: str
    name: str
    consented: bool
    muted: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """The last thing in a member's queue; code None closes nothing (the other side already has)."""

    code: int | None
    reason: str = ""


@dataclass(eq=False, slots=True)
class Member:
    """One connection of one participant, held by this process. about: what its welcome says of the room itself."""

    interview_id: str
    peer_id: str
    seat: RoomSeat
    consented: bool
    about: Json = field(default_factory=dict)
    muted: bool = False
    closed: bool = False
    queue: asyncio.Queue[Json | Closing] = field(default_factory=asyncio.Queue)

    @property
    def is_bot(self) -> bool:
        return self.seat.role == "bot"

    def card(self) -> PeerCard:
        """Return how the others see this peer."""
        return {
            "peer_id": self.peer_id,
            "participant_id": self.seat.participant_id,
            "role": self.seat.role,
            "name": self.seat.name,
            "consented": self.consented,
            "muted": self.muted,
        }

    def welcome(self, peers: Sequence[PeerCard], floor: Json | None) -> None:
        """Say who is here and where the call stands."""
        you = {
            "peer_id": self.peer_id,
            "participant_id": self.seat.participant_id,
            "role": self.seat.role,
            "name": self.seat.name,
        }
        self.send({"type": "welcome", **you, "peers": list(peers), **self.about, "floor": floor})

    def joined(self, peer: PeerCard, *, live: bool) -> None:
        """Say who came. live: it still has connected media with this member."""
        self.send({"type": "peer-joined", "peer": {**peer, "live": live}})

    def left(self, peer: PeerCard, *, dropped: bool) -> None:
        """Say who went."""
        who = {"peer_id": peer["peer_id"], "participant_id": peer["participant_id"]}
        self.send({"type": "peer-left", **who, "dropped": dropped})

    def removed(self, participant_id: str) -> None:
        """Say who is of this interview no longer."""
        self.send({"type": "removed", "participant_id": participant_id})

    def replaced(self) -> None:
        """Say that a newer connection has the seat, and close."""
        self.send({"type": "replaced"})
        self.close(REPLACED, "opened elsewhere")

    def send(self, frame: Json) -> None:
        """Queue a frame; a connection that lets too many pile up is closed instead."""
        if self.closed:
            return
        if self.queue.qsize() >= MAX_QUEUED:
            self.close(TRY_LATER, "frames were not taken fast enough")
            return
        self.queue.put_nowait(frame)

    def close(self, code: int | None, reason: str = "") -> None:
        """Close after what is queued has been sent; idempotent."""
        if not self.closed:
            self.closed = True
            self.queue.put_nowait(Closing(code, reason))

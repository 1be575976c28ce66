"""Who is in which room, and what each of them is told. Synchronous, no sockets: frames go to a `Member`'s queue.

Everything lives in memory. When the process restarts, participants come back by themselves (see the protocol in
`api.room`), and the bots' uplinks send the floor again.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeAlias

from api.room.frames import ClientFrame, ControlFrame, Hello, Leave, Level, Signal, dump

Json: TypeAlias = dict[str, Any]

MAX_MEMBERS = 12  # people, one seat of them the candidate's; a mesh of more is too much for anybody's uplink
MAX_QUEUED = 512
MAY_CONTROL = frozenset({"candidate", "interviewer"})
BOT_GONE = frozenset({"done", "failed"})

BAD_FRAME = 4400
BAD_LINK = 4401
NOT_ALLOWED = 4403
NOT_FOUND = 4404
NO_HELLO = 4408
REPLACED = 4409
INTERVIEW_OVER = 4410
TOO_MANY = 4429
TOO_SLOW = 1013


class Refused(Exception):
    """The room says no. close: the WebSocket close code; code and detail: for the error frame."""

    def __init__(self, close: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.close = close
        self.code = code
        self.detail = detail


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
    """What a page may know of the interview before it begins. questions, minutes: what is planned; bot: its name."""

    title: str
    language: str
    mode: str
    status: str
    questions: int
    minutes: float | None = None
    candidate: str = ""
    organisation: str = ""
    bot: str = "Viva"


@dataclass(frozen=True, slots=True)
class Closing:
    """The last thing in a member's queue; code None closes nothing (the other side already has)."""

    code: int | None
    reason: str = ""


@dataclass(eq=False, slots=True)
class Member:
    """One connection of one participant."""

    interview_id: str
    peer_id: str
    seat: RoomSeat
    consented: bool
    muted: bool = False
    closed: bool = False
    queue: asyncio.Queue[Json | Closing] = field(default_factory=asyncio.Queue)

    @property
    def is_bot(self) -> bool:
        return self.seat.role == "bot"

    def card(self) -> Json:
        """Return how the others see this peer."""
        return {
            "peer_id": self.peer_id,
            "participant_id": self.seat.participant_id,
            "role": self.seat.role,
            "name": self.seat.name,
            "consented": self.consented,
            "muted": self.muted,
        }

    def send(self, frame: Json) -> None:
        """Queue a frame; a connection that lets too many pile up is closed instead."""
        if self.closed:
            return
        if self.queue.qsize() >= MAX_QUEUED:
            self.close(TOO_SLOW, "frames were not taken fast enough")
            return
        self.queue.put_nowait(frame)

    def close(self, code: int | None, reason: str = "") -> None:
        """Close after what is queued has been sent; idempotent."""
        if not self.closed:
            self.closed = True
            self.queue.put_nowait(Closing(code, reason))


class Hub:
    """Every room of this process.

    ice_servers: handed to each newcomer, in the browser's own `RTCIceServer` shape.
    """

    def __init__(self, ice_servers: tuple[Json, ...] = ()) -> None:
        self._ice_servers = ice_servers
        self._rooms: dict[str, dict[str, Member]] = {}  # interview → participant → its newest connection
        self._floors: dict[str, Json] = {}

    def members(self, interview_id: str) -> tuple[Member, ...]:
        """Return who is connected now, in order of arrival."""
        return tuple(self._rooms.get(interview_id, {}).values())

    def join(self, interview_id: str, seat: RoomSeat, hello: Hello, card: Card) -> Member:
        """Seat a newcomer, welcome it and tell the others; raise `Refused` when the room is full."""
        room = self._rooms.setdefault(interview_id, {})
        if seat.participant_id not in room and _full(room, seat):
            raise Refused(TOO_MANY, "room_full", "This room holds as many people as it can.")
        if (before := room.pop(seat.participant_id, None)) is not None:
            before.send({"type": "replaced"})
            before.close(REPLACED, "opened elsewhere")
        others = tuple(room.values())
        member = Member(interview_id, f"p_{secrets.token_hex(8)}", seat, hello.consented)
        room[seat.participant_id] = member
        member.send(self._welcome(member, others, card))
        live = frozenset(hello.peers)
        for other in others:
            peer = member.card() | {"live": other.seat.participant_id in live}
            other.send({"type": "peer-joined", "peer": peer})
        return member

    def leave(self, member: Member, *, dropped: bool) -> None:
        """Take a connection's seat away, unless a newer one has it; tell the others."""
        member.close(None)
        room = self._rooms.get(member.interview_id, {})
        if room.get(member.seat.participant_id) is not member:
            return
        del room[member.seat.participant_id]
        for other in room.values():
            other.send({"type": "peer-left", **_sender(member, "peer_id"), "dropped": dropped})
        if not room:
            del self._rooms[member.interview_id]

    def take(self, member: Member, frame: ClientFrame) -> None:
        """Act on a frame other than `leave`; raise `Refused` when the sender's role may not send it."""
        room = self._rooms.get(member.interview_id, {})
        if room.get(member.seat.participant_id) is not member:
            return  # replaced a moment ago
        others = [other for other in room.values() if other is not member]
        match frame:
            case Signal():
                for other in others:
                    if other.peer_id == frame.to:
                        other.send({"type": "signal", **_sender(member, "from"), "data": dump(frame.data)})
            case ControlFrame():
                if member.seat.role not in MAY_CONTROL:
                    raise Refused(NOT_ALLOWED, "not_allowed", f"The role {member.seat.role!r} has no controls.")
                for other in others:
                    if other.is_bot:
                        other.send({"type": "control", **_sender(member, "from"), "control": frame.control})
            case Level():
                member.muted = frame.muted
                for other in others:
                    other.send({"type": "muted", **_sender(member, "peer_id"), "muted": frame.muted})
            case Leave():
                raise AssertionError("`leave` ends the reading of frames and is not taken here")

    def announce(self, interview_id: str, event: str, data: Mapping[str, Any]) -> None:
        """Tell a room's people what the control plane learned; events that are no news to a room are ignored."""
        match event:
            case "floor":
                self._floors[interview_id] = dict(data)
                self._tell(interview_id, {"type": "floor", **data})
            case "turn.interim" | "turn.final":
                self._tell(interview_id, _caption(data, final=event == "turn.final"))
            case "state":
                if data.get("state") in BOT_GONE:
                    self._floors.pop(interview_id, None)
                self._tell(interview_id, {"type": "state", "state": data.get("state"), "reason": data.get("reason")})

    def end(self, interview_id: str, reason: str, status: str | None) -> None:
        """Tell everybody that the interview is over and close the people's connections (a bot leaves by itself).

        status: the interview's last one, None while it is not known yet.
        """
        self._floors.pop(interview_id, None)
        ended = {"type": "ended", "reason": reason} | ({"status": status} if status is not None else {})
        for member in self.members(interview_id):
            member.send(ended)
            if not member.is_bot:
                member.close(INTERVIEW_OVER, reason)

    def close(self) -> None:
        """Close every connection so that the process can stop; clients come back to its successor."""
        for room in self._rooms.values():
            for member in room.values():
                member.close(1012, "the server restarts")

    def _tell(self, interview_id: str, frame: Json) -> None:
        for member in self.members(interview_id):
            if not member.is_bot:
                member.send(frame)

    def _welcome(self, member: Member, others: tuple[Member, ...], card: Card) -> Json:
        return {
            "type": "welcome",
            "peer_id": member.peer_id,
            "participant_id": member.seat.participant_id,
            "role": member.seat.role,
            "name": member.seat.name,
            "peers": [other.card() for other in others],
            "ice_servers": list(self._ice_servers),
            "interview": asdict(card),
            "floor": self._floors.get(member.interview_id),
        }


def _full(room: Mapping[str, Member], newcomer: RoomSeat) -> bool:
    """Tell whether there is no seat for a newcomer: there always is for a bot, and one is kept for the candidate."""
    if newcomer.role == "bot":
        return False
    roles = [member.seat.role for member in room.values() if not member.is_bot]
    kept = 0 if "candidate" in (newcomer.role, *roles) else 1
    return len(roles) >= MAX_MEMBERS - kept


def _sender(member: Member, as_: str) -> Json:
    return {as_: member.peer_id, "participant_id": member.seat.participant_id}


def _caption(data: Mapping[str, Any], *, final: bool) -> Json:
    text = str(data.get("text", ""))
    return {
        "type": "caption",
        "final": final,
        "turn_id": data.get("turn_id"),
        "speaker_id": data.get("speaker_id"),
        "speaker": data.get("speaker"),
        "role": data.get("role"),
        "text": text,
        "stable": text if final else data.get("stable", ""),
    }

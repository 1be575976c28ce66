"""What members of a room may do, and what they are told. No sockets: frames go to a `Member`'s queue.

Who sits where is the relay's to know: within this process, or across replicas (`api/room/relay`).
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from api.room.frames import ClientFrame, ControlFrame, Hello, Leave, Level, Signal, Slept, dump
from api.room.members import (
    COME_BACK,
    INTERVIEW_OVER,
    NOT_ALLOWED,
    NOT_NAMED,
    TAKEN_BACK,
    Card,
    Closing,
    Json,
    Member,
    Refused,
    RoomSeat,
)
from api.room.relay import Audience, Relay
from api.room.relay.local import LocalRelay
from bot.interview import Leader

MAY_CONTROL = frozenset({"candidate", "interviewer"})
WITHDRAW = "withdraw"  # the candidate's consent, which is nobody else's to take back
PASSED_ON = frozenset({"floor.changed", "mode.changed"})
THE_TEAMS = frozenset({"by", "order"})  # who asked for it, maybe by the subject of a token, and as which command
OF_THE_PLAN = frozenset({"question_id", "number", "of"})  # which of its questions people who lead were found to ask
BOT_GONE = frozenset({"done", "failed"})


class Hub:
    """Every room, as the members that are connected to this process see it.

    ice_servers: handed to each newcomer, in the browser's own `RTCIceServer` shape. relay: None keeps rooms in this
    process.
    """

    def __init__(self, ice_servers: tuple[Json, ...] = (), relay: Relay | None = None) -> None:
        self._ice_servers = ice_servers
        self._relay = relay or LocalRelay()

    def members(self, interview_id: str) -> tuple[Member, ...]:
        """Return who is connected to this process now, in order of arrival."""
        return tuple(member for member in self._relay.members() if member.interview_id == interview_id)

    async def join(self, interview_id: str, seat: RoomSeat, hello: Hello, card: Card) -> Member:
        """Seat a newcomer, welcome it and tell the others; raise `Refused` when the room is full or out of reach."""
        about = {"ice_servers": list(self._ice_servers), "interview": asdict(card)}
        member = Member(interview_id, f"p_{secrets.token_hex(8)}", seat, hello.consented, about)
        await self._relay.join(member, hello.peers)
        return member

    def leave(self, member: Member, *, dropped: bool) -> None:
        """Take a connection's seat away, unless a newer one has it; tell the others."""
        member.close(None)
        self._relay.leave(member, dropped=dropped)

    def take(self, member: Member, frame: ClientFrame) -> None:
        """Act on a frame other than `leave`; raise `Refused` when the sender's role may not send it."""
        match frame:
            case Signal():
                passed = {"type": "signal", **_sender(member, "from"), "data": dump(frame.data)}
                self._relay.signal(member, frame.to, passed)
            case ControlFrame():
                if member.seat.role not in ({"candidate"} if frame.control == WITHDRAW else MAY_CONTROL):
                    detail = f"The role {member.seat.role!r} has no control {frame.control!r}."
                    raise Refused(NOT_ALLOWED, "not_allowed", detail)
                control = {"type": "control", **_sender(member, "from"), "control": frame.control}
                self._relay.tell(member.interview_id, control, Audience.BOTS, sender=member)
            case Level():
                member.muted = frame.muted
                muted = {"type": "muted", **_sender(member, "peer_id"), "muted": frame.muted}
                if frame.lost:
                    muted["lost"] = True
                self._relay.tell(member.interview_id, muted, Audience.EVERYBODY, sender=member)
            case Slept():
                slept = {"type": "slept", **_sender(member, "peer_id"), "ms": frame.ms}
                self._relay.tell(member.interview_id, slept, Audience.BOTS, sender=member)
            case Leave():
                raise AssertionError("`leave` ends the reading of frames and is not taken here")

    def announce(self, interview_id: str, event: str, data: Mapping[str, Any]) -> None:
        """Tell a room's people what the control plane learned; events that are no news to a room are ignored."""
        match event:
            case "floor":
                theirs = OF_THE_PLAN if data.get("leads") == Leader.INTERVIEWER else frozenset[str]()
                floor = {key: data[key] for key in data if key not in theirs}
                self._relay.remember(interview_id, floor)
                self._tell(interview_id, {"type": "floor", **floor})
            case _ if event in PASSED_ON:
                self._tell(interview_id, {key: data[key] for key in data if key not in THE_TEAMS} | {"type": event})
            case "turn.interim" | "turn.final":
                self._tell(interview_id, _caption(data, final=event == "turn.final"))
            case "state":
                if data.get("state") in BOT_GONE:
                    self._relay.remember(interview_id, None)
                self._tell(interview_id, {"type": "state", "state": data.get("state"), "reason": data.get("reason")})

    def end(self, interview_id: str, reason: str, status: str | None) -> None:
        """Tell everybody that the interview is over and close the people's connections (a bot leaves by itself).

        status: the interview's last one, None while it is not known yet.
        """
        self._relay.remember(interview_id, None)
        ended = {"type": "ended", "reason": reason} | ({"status": status} if status is not None else {})
        self._relay.tell(interview_id, ended, Audience.EVERYBODY, closing=Closing(INTERVIEW_OVER, reason))

    def dismiss(self, interview_id: str, participant_id: str) -> None:
        """Put somebody out of a room whose links were taken back; the others drop their media with them."""
        told = {"type": "error", "code": NOT_NAMED, "detail": TAKEN_BACK}
        self._relay.dismiss(interview_id, participant_id, told, Closing(NOT_ALLOWED, NOT_NAMED))

    def close(self) -> None:
        """Close every connection so that the process can stop; clients come back to its successor."""
        for member in self._relay.members():
            member.close(COME_BACK, "the server restarts")

    def _tell(self, interview_id: str, frame: Json) -> None:
        self._relay.tell(interview_id, frame, Audience.PEOPLE)


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

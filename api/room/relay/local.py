"""The rooms of one process: everything in memory, everything at once.

When the process restarts, participants come back by themselves (see the protocol in `api.room`), and the bots' uplinks
send the floor again.
"""

from collections.abc import Collection

from api.room.members import Closing, Json, Member
from api.room.relay import Audience, full_room, is_full


class LocalRelay:
    """Rooms in this process; a `Relay`."""

    def __init__(self) -> None:
        self._rooms: dict[str, dict[str, Member]] = {}  # interview → participant → its newest connection
        self._floors: dict[str, Json] = {}

    async def join(self, member: Member, live: Collection[str]) -> None:
        """Seat a connection; see `Relay`."""
        room = self._rooms.setdefault(member.interview_id, {})
        seated = room.get(member.seat.participant_id)
        if seated is None and is_full([other.seat.role for other in room.values()], member.seat.role):
            raise full_room()
        if seated is not None:
            del room[member.seat.participant_id]
            seated.replaced()
        others = tuple(room.values())
        room[member.seat.participant_id] = member
        member.welcome([other.card() for other in others], self._floors.get(member.interview_id))
        for other in others:
            other.joined(member.card(), live=other.seat.participant_id in live)

    def leave(self, member: Member, *, dropped: bool) -> None:
        """Take a seat away."""
        if not self._sits(member):
            return
        room = self._rooms[member.interview_id]
        del room[member.seat.participant_id]
        for other in room.values():
            other.left(member.card(), dropped=dropped)
        if not room:
            del self._rooms[member.interview_id]

    def signal(self, sender: Member, peer_id: str, frame: Json) -> None:
        """Pass a frame to one peer."""
        for other in self._others(sender):
            if other.peer_id == peer_id:
                other.send(frame)

    def tell(
        self,
        interview_id: str,
        frame: Json,
        audience: Audience,
        *,
        sender: Member | None = None,
        closing: Closing | None = None,
    ) -> None:
        """Pass a frame to a room."""
        room = self._rooms.get(interview_id, {})
        for member in tuple(room.values()) if sender is None else self._others(sender):
            if audience is Audience.EVERYBODY or member.is_bot == (audience is Audience.BOTS):
                member.send(frame)
                if closing is not None and not member.is_bot:
                    member.close(closing.code, closing.reason)

    def dismiss(self, interview_id: str, participant_id: str, frame: Json, closing: Closing) -> None:
        """Take a participant's seat away; see `Relay`."""
        room = self._rooms.get(interview_id, {})
        if (gone := room.pop(participant_id, None)) is not None:
            gone.send(frame)
            gone.close(closing.code, closing.reason)
        for member in room.values():
            member.removed(participant_id)
        if gone is not None and not room:
            del self._rooms[interview_id]

    def remember(self, interview_id: str, floor: Json | None) -> None:
        """Keep where a call stands."""
        if floor is None:
            self._floors.pop(interview_id, None)
        else:
            self._floors[interview_id] = floor

    def members(self) -> tuple[Member, ...]:
        """Return everybody."""
        return tuple(member for room in self._rooms.values() for member in room.values())

    async def run(self) -> None:
        """Nothing has to be done meanwhile."""

    def _sits(self, member: Member) -> bool:
        return self._rooms.get(member.interview_id, {}).get(member.seat.participant_id) is member

    def _others(self, sender: Member) -> tuple[Member, ...]:
        if not self._sits(sender):
            return ()  # replaced a moment ago
        return tuple(member for member in self._rooms[sender.interview_id].values() if member is not sender)

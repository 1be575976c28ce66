"""Who sits in which room, and the way from one member to another: within a process, or across replicas.

Every relay keeps to the same: what happens in a room happens to everybody in one order; a newcomer's welcome and what
follows it fit together without a gap; a participant has one seat, wherever its newest connection is.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Protocol

from api.room.members import TOO_MANY, TRY_LATER, Closing, Json, Member, Refused

MAX_MEMBERS = 12  # people, one seat of them the candidate's; a mesh of more is too much for anybody's uplink


class Audience(StrEnum):
    """Whom in a room something is for."""

    EVERYBODY = "everybody"
    PEOPLE = "people"
    BOTS = "bots"


class Relay(Protocol):
    """Seats members and passes frames on. What it is told takes effect in the order it was told."""

    async def join(self, member: Member, live: Collection[str]) -> None:
        """Seat a connection of this process, welcome it and tell the others.

        live: participants it still has connected media with. Raises `Refused` when the room is full or out of reach.
        """
        ...

    def leave(self, member: Member, *, dropped: bool) -> None:
        """Take a connection's seat away, unless a newer one has it; tell the others."""
        ...

    def signal(self, sender: Member, peer_id: str, frame: Json) -> None:
        """Pass a frame to one peer of the sender's room, if both still sit there."""
        ...

    def tell(
        self,
        interview_id: str,
        frame: Json,
        audience: Audience,
        *,
        sender: Member | None = None,
        closing: Closing | None = None,
    ) -> None:
        """Pass a frame to a room, from the control plane or from a member, to whom it does not come back.

        A sender that has lost its seat has no say; one that has it is seen by newcomers as it is now.
        closing: what people's connections are closed with after the frame.
        """
        ...

    def dismiss(self, interview_id: str, participant_id: str, frame: Json, closing: Closing) -> None:
        """Take a participant's seat away: they are told `frame` and closed, the others that they are removed.

        The others are told where there is no seat, too: media outlives signalling.
        """
        ...

    def remember(self, interview_id: str, floor: Json | None) -> None:
        """Keep where a call stands for whoever comes later; None forgets it."""
        ...

    def members(self) -> tuple[Member, ...]:
        """Return the connections of this process that have a seat, in order of arrival."""
        ...

    async def run(self) -> None:
        """Do what has to be done meanwhile; cancelled when the process is about to stop."""
        ...


def is_full(roles: Iterable[str], newcomer: str) -> bool:
    """Tell whether there is no seat for a newcomer: there always is for a bot, and one is kept for the candidate."""
    if newcomer == "bot":
        return False
    people = [role for role in roles if role != "bot"]
    kept = 0 if "candidate" in (newcomer, *people) else 1
    return len(people) >= MAX_MEMBERS - kept


def full_room() -> Refused:
    """Return the refusal of a room that has no seat left."""
    return Refused(TOO_MANY, "room_full", "This room holds as many people as it can.")


def out_of_reach() -> Refused:
    """Return the refusal of a room whose seats can't be looked at now."""
    return Refused(
        TRY_LATER, "room_unavailable", "The room is out of reach for the moment; try again in a few seconds."
    )

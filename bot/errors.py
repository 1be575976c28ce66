"""Everything that can go wrong with one bot in one call.

BotError
 ├─ JoinError              the call can't be entered
 │   ├─ LinkRefused            the room does not take this link (forged, expired, another interview's)
 │   ├─ RoomUnavailable        the room can't be reached (retryable)
 │   └─ MeetingRefused         a meeting elsewhere can't be entered
 ├─ BadFrame               what came over a phone line is not in its protocol
 ├─ IllegalTransition      a state was asked to move where no arrow leads
 └─ ModelUnavailable       the chat model was late, broken or wrong (the structured brain answers instead)
"""

from typing import ClassVar


class BotError(Exception):
    """Root of this package's errors."""

    retryable: ClassVar[bool] = False


class JoinError(BotError):
    """The call can't be entered. code: why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class LinkRefused(JoinError):
    """The room does not take this link."""


class RoomUnavailable(JoinError):
    """The room can't be reached."""

    retryable = True

    def __init__(self, detail: str) -> None:
        super().__init__("room_unavailable", detail)


class MeetingRefused(JoinError):
    """A meeting elsewhere can't be entered. code: an `EndReason`'s value, or a platform's own."""


class BadFrame(BotError):
    """What came over a phone line is not in its protocol."""


class IllegalTransition(BotError):
    """A state was asked to move where no arrow leads."""

    def __init__(self, state: str, to: str) -> None:
        super().__init__(f"no way from {state!r} to {to!r}")
        self.state, self.to = state, to


class ModelUnavailable(BotError):
    """The chat model was late, broken or wrong. resting: it was not even asked, because it failed too often."""

    def __init__(self, detail: str, *, resting: bool = False) -> None:
        super().__init__(detail)
        self.resting = resting

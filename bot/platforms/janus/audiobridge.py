"""A seat in an AudioBridge of Janus: the server mixes everybody, so all others are one voice.

The plugin: https://janus.conf.meetecho.com/docs/audiobridge.html
"""

from typing import Any

from audio import Pcm
from bot.interview import Role
from bot.platforms import SOMEBODY, Participant, ParticipantJoined, ParticipantLeft
from bot.platforms.janus.seat import JanusSeat
from bot.platforms.janus.session import Handle
from bot.state import EndReason


class AudioBridgeSeat(JanusSeat):
    """Names nobody: who is alone now may not be when the next word is said."""

    plugin = "janus.plugin.audiobridge"
    refusals = {  # noqa: RUF012 - a mapping that nobody writes to
        485: EndReason.MEETING_NOT_FOUND,
        489: EndReason.MEETING_LOCKED,
    }
    _id: int | str | None = None
    _other: Participant | None = None
    _left_before = False

    async def sit_down(self, handle: Handle) -> None:
        self._connected: set[int | str] = set()  # others whose sound arrives at the server
        joined = await handle.ask({"request": "join", "room": self.address.room, "display": self.name, **self.pin})
        self._id = joined.data.get("id")
        await self.send(handle, {"request": "configure", "muted": False}, self._hear)
        self.told(joined.data)

    def told(self, data: dict[str, Any]) -> None:
        if data.get("audiobridge") == "destroyed":
            self.end(EndReason.MEETING_ENDED)
            return
        gone = data.get("leaving", data.get("kicked"))
        if gone is not None and gone == self._id:
            self.end(EndReason.REMOVED_FROM_MEETING)  # who leaves by themselves has ended it before
            return
        self._connected.discard(gone)
        self._connected |= {each["id"] for each in data.get("participants", ()) if each.get("setup")}
        self._look()

    def _look(self) -> None:
        if self._connected and self._other is None:
            self._other = Participant("others", SOMEBODY, Role.CANDIDATE)
            self.happened.put_nowait(ParticipantJoined(self._other, again=self._left_before))
        elif not self._connected and self._other is not None:
            self.happened.put_nowait(ParticipantLeft(self._other, dropped=False))
            self._other, self._left_before = None, True

    def _hear(self, pcm: Pcm) -> None:
        if self._other is not None:
            self.ear(self._other, pcm)

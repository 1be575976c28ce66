"""A seat in a VideoRoom of Janus: everybody who sends sound is subscribed to on a handle, and has a lane, of their own.

The plugin: https://janus.conf.meetecho.com/docs/videoroom.html
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import SecretStr

from bot.interview import Role
from bot.platforms import Ear, MediaFailed, Participant, ParticipantJoined, ParticipantLeft
from bot.platforms.janus import JanusAddress
from bot.platforms.janus.seat import JanusSeat
from bot.platforms.janus.session import Handle, JanusLost, JanusRefused
from bot.platforms.peer import Peer
from bot.state import EndReason

log = structlog.get_logger(__name__)

MEDIA_WITHIN_S = 15.0


@dataclass(slots=True)
class _Feed:
    """What somebody sends, by the id that the room gave it."""

    participant: Participant
    peer: Peer | None = None
    handle: Handle | None = None
    announced: bool = False


class VideoRoomSeat(JanusSeat):
    """role_of: what somebody is by the name they show."""

    plugin = "janus.plugin.videoroom"
    refusals = {  # noqa: RUF012 - a mapping that nobody writes to
        426: EndReason.MEETING_NOT_FOUND,
        432: EndReason.MEETING_FULL,
        433: EndReason.MEETING_LOCKED,
    }

    def __init__(
        self, address: JanusAddress, name: str, secret: SecretStr | None, ear: Ear, role_of: Callable[[str], Role]
    ) -> None:
        super().__init__(address, name, secret, ear)
        self._role_of = role_of
        self._feeds: dict[int | str, _Feed] = {}
        self._known: dict[str, Participant] = {}  # everybody who was ever heard, by name
        self._private_id: int | None = None

    async def sit_down(self, handle: Handle) -> None:
        before = set(self._feeds)  # news of others may be told of before this goes on
        who = {"ptype": "publisher", "display": self.name, **self.pin}
        joined = await handle.ask({"request": "join", "room": self.address.room, **who})
        self._private_id = joined.data.get("private_id")
        for feed_id in before - {each["id"] for each in joined.data.get("publishers", ())}:
            self._part(feed_id, dropped=True)  # while the bot had no seat
        self._published(joined.data)
        await self.send(handle, {"request": "publish", "audiocodec": "opus"}, lambda pcm: None)

    def told(self, data: dict[str, Any]) -> None:
        if data.get("videoroom") == "destroyed":
            self.end(EndReason.MEETING_ENDED)
        elif data.get("leaving") == "ok":
            self.end(EndReason.REMOVED_FROM_MEETING)  # who leaves by themselves has ended it before
        elif "leaving" in data or "kicked" in data:
            self._part(data["leaving"] if "leaving" in data else data["kicked"], dropped=False)
        elif "unpublished" in data:
            self._part(data["unpublished"], dropped=True)  # who leaves in order is told of by "leaving" alone
        elif "publishers" in data:
            self._published(data)

    def hung_up(self) -> list[Peer]:
        peers = [feed.peer for feed in self._feeds.values() if feed.peer is not None]
        for feed in self._feeds.values():
            feed.peer = feed.handle = None
        return peers

    def _published(self, data: dict[str, Any]) -> None:
        for each in data.get("publishers", ()):
            mids = [s["mid"] for s in each.get("streams", ()) if s["type"] == "audio" and not s.get("disabled")]
            feed = self._feeds.get(each["id"])
            if not mids or (feed is not None and feed.peer is not None):
                continue
            if feed is None:
                feed = self._feeds[each["id"]] = _Feed(self._who(each["id"], str(each.get("display") or "")))
            self.spawn(self._subscribe(each["id"], feed, mids))

    def _who(self, feed_id: int | str, name: str) -> Participant:
        """Return who has come: the one of that name who was here before and isn't now, or somebody new."""
        here = {feed.participant.id for feed in self._feeds.values()}
        before = self._known.get(name) if name else None
        if before is not None and before.id not in here:
            return before
        shown = name or f"Participant {len(self._known) + 1}"
        return Participant(str(feed_id), shown, self._role_of(name))

    def _part(self, feed_id: int | str, *, dropped: bool) -> None:
        if (feed := self._feeds.pop(feed_id, None)) is None:
            return
        if feed.announced:
            self.happened.put_nowait(ParticipantLeft(feed.participant, dropped=dropped))
        self.spawn(self._unsubscribe(feed))

    async def _subscribe(self, feed_id: int | str, feed: _Feed, mids: list[str]) -> None:
        session = self.session
        assert session is not None
        peer = feed.peer = self.new_peer(
            lambda pcm: self.ear(feed.participant, pcm), lambda state: self._changed(feed, state), receive_only=True
        )
        self.spawn(self._expect_media(feed, peer), watches=True)
        streams = [{"feed": feed_id, "mid": mid} for mid in mids]
        wanted = {"ptype": "subscriber", "private_id": self._private_id, "streams": streams, **self.pin}
        try:
            feed.handle = await session.attach(self.plugin, lambda kind, frame: None)
            offered = await feed.handle.ask({"request": "join", "room": self.address.room, **wanted})
            assert offered.jsep is not None, "a subscription comes with an offer"
            await feed.handle.ask({"request": "start"}, await peer.answer(offered.jsep))
        except JanusRefused as refusal:  # gone by now, or it shows in `MediaFailed`
            log.info("janus_subscription_refused", error=str(refusal))
        except JanusLost:
            pass  # `run` takes a seat anew
        except Exception as error:  # noqa: BLE001 - aiortc raises whatever a text provokes, or a peer closed meanwhile
            log.warning("janus_subscription_failed", error=repr(error))

    async def _unsubscribe(self, feed: _Feed) -> None:
        if feed.peer is not None:
            await feed.peer.close()
        if feed.handle is not None:
            try:
                await feed.handle.detach()
            except (JanusRefused, JanusLost) as error:
                log.debug("janus_detach_failed", error=str(error))

    def _changed(self, feed: _Feed, state: str) -> None:
        log.debug("janus_feed", participant=feed.participant.id, state=state)
        if state == "connected" and not feed.announced:
            feed.announced = True
            again = feed.participant in self._known.values()
            self._known[feed.participant.name] = feed.participant
            self.happened.put_nowait(ParticipantJoined(feed.participant, again=again))

    async def _expect_media(self, feed: _Feed, peer: Peer) -> None:
        await asyncio.sleep(MEDIA_WITHIN_S)
        if feed.peer is peer and not peer.connected:
            self.happened.put_nowait(MediaFailed(feed.participant))

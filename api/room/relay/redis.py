"""Rooms across replicas, in Redis 7 or newer.

A room's seats are a document in Redis. Replicas send changes in numbered batches, which a script carries out
(`rooms.lua`); what comes of them goes into the inbox of every replica that has somebody to tell, a stream of
consecutive numbers. So everything in a room has one order, a change is made exactly once however often it is sent, and
a replica that blinks goes on where it was. (Pub/sub would lose what was said meanwhile: an offer never answered.)

A replica that is silent for longer than `alive_s` counts as dead and its members as dropped. One that finds itself
counted as dead, or has lost deliveries, begins anew under another name, and its members say hello again.
"""

import asyncio
import json
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api.room.members import COME_BACK, Closing, Json, Member
from api.room.relay import MAX_MEMBERS, Audience, full_room, out_of_reach
from api.room.relay.outbox import Change, Outbox

log = structlog.get_logger(__name__)

ALIVE_S = 15.0  # longer than Redis is away when it restarts or fails over
BEATS = 5  # signs of life within that time
JOIN_S = 3.0  # beyond it a newcomer is asked to try again
CONNECT_S = 3.0
ANSWER_S = 5.0
BLOCK_MS = 2000
READ_AT_ONCE = 100
LOOK_AT_ONCE = 64
PAUSE_S = 0.2  # before Redis is tried again
LAST_WORDS_S = 1.0


@dataclass(eq=False, slots=True)
class _Place:
    """What a replica is to the others.

    number: of `batch`, which was sent or is about to be; taken: the last delivery; lost: it counts as dead, or can't
    know what it missed.
    """

    replica: str = field(default_factory=lambda: secrets.token_hex(8))
    number: int = 0
    batch: list[Change] = field(default_factory=list)
    taken: int = 0
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def inbox(self) -> str:
        return f"vivavoce:replica:{self.replica}:inbox"

    def lose(self, why: str) -> None:
        log.warning("room.place_lost", reason=why)
        self.lost.set()


class RedisRelay:
    """Rooms in the Redis at `url`; a `Relay`. alive_s: how long a replica may be silent before its members are gone."""

    def __init__(self, url: str, *, alive_s: float = ALIVE_S, join_s: float = JOIN_S) -> None:
        self._alive_s, self._join_s = alive_s, join_s
        self._redis: Redis = Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=None,  # with one, redis-py waits by `wait_for`, in which Python 3.11 loses cancellations
            retry=Retry(NoBackoff(), 0),  # changes are sent again here, under their number
            protocol=2,
        )
        self._script = self._redis.register_script((files("api.room.relay") / "rooms.lua").read_text())
        self._outbox = Outbox()
        self._members: dict[str, Member] = {}  # by peer id
        self._joining: dict[str, asyncio.Future[bool]] = {}  # by peer id: whether there was a seat
        self._away = False

    # ---- Relay ------------------------------------------------------------------------------------------------------

    async def join(self, member: Member, live: Collection[str]) -> None:
        """Seat a connection; see `Relay`."""
        seated = self._joining[member.peer_id] = asyncio.get_running_loop().create_future()
        self._members[member.peer_id] = member
        change = self._outbox.put(do="join", room=member.interview_id, peer=member.card(), live=list(live))
        found = None
        try:
            async with asyncio.timeout(self._join_s):
                found = await seated
        except TimeoutError:
            raise out_of_reach() from None
        finally:
            del self._joining[member.peer_id]
            if not found and (found is False or self._outbox.withdraw(change)):
                self._members.pop(member.peer_id, None)
            elif not found:
                self.leave(member, dropped=True)
        if not found:
            raise full_room()

    def leave(self, member: Member, *, dropped: bool) -> None:
        """Take a seat away."""
        if self._members.pop(member.peer_id, None) is not None:
            self._outbox.put(do="leave", room=member.interview_id, peer_id=member.peer_id, dropped=dropped)

    def signal(self, sender: Member, peer_id: str, frame: Json) -> None:
        """Pass a frame to one peer."""
        room, body = sender.interview_id, json.dumps(frame)
        self._outbox.put(do="signal", room=room, sender=sender.card(), peer_id=peer_id, frame=body)

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
        self._outbox.put(
            do="tell",
            room=interview_id,
            frame=json.dumps(frame),
            audience=audience,
            sender=sender.card() if sender is not None else None,
            closing=asdict(closing) if closing is not None else None,
            lasting=sender is None,
        )

    def dismiss(self, interview_id: str, participant_id: str, frame: Json, closing: Closing) -> None:
        """Take a participant's seat away; see `Relay`."""
        told = {"frame": json.dumps(frame), "closing": asdict(closing)}
        self._outbox.put(do="dismiss", room=interview_id, participant_id=participant_id, **told, lasting=True)

    def remember(self, interview_id: str, floor: Json | None) -> None:
        """Keep where a call stands."""
        kept = json.dumps(floor) if floor is not None else None
        self._outbox.put(do="remember", room=interview_id, floor=kept, lasting=True)

    def members(self) -> tuple[Member, ...]:
        """Return everybody with a seat."""
        return tuple(member for peer_id, member in self._members.items() if peer_id not in self._joining)

    async def run(self) -> None:
        """Send changes and take deliveries; tell the last changes when cancelled."""
        place = _Place()
        try:
            while True:
                async with asyncio.TaskGroup() as tasks:
                    at_work = [
                        tasks.create_task(self._write(place), name="room changes"),
                        tasks.create_task(self._read(place), name="room deliveries"),
                        tasks.create_task(self._beat(), name="room beat"),
                    ]
                    await place.lost.wait()
                    for task in at_work:
                        task.cancel()
                self._begin_anew(place)
                place = _Place()
        finally:
            await self._end(place)

    # ---- changes ----------------------------------------------------------------------------------------------------

    async def _write(self, place: _Place) -> None:
        while not place.lost.is_set():
            try:
                await self._push(place)
                self._reached(None)
            except (RedisError, OSError) as error:
                self._reached(error)
                await asyncio.sleep(PAUSE_S)

    async def _push(self, place: _Place) -> None:
        """Have the next batch carried out; one that may or may not have been goes again, under its number."""
        if not place.batch:
            place.batch = await self._outbox.take()
            place.number += 1
        changes = f"[{','.join(change.body for change in place.batch)}]"
        alive_ms = int(self._alive_s * 1000)
        args: list[str | int] = [place.replica, place.number, alive_ms, place.taken, MAX_MEMBERS, changes]
        async with asyncio.timeout(ANSWER_S):
            failed = cast("list[bytes] | None", await self._script(args=args))
        if failed is None:
            place.lose("counted as dead")
            return
        place.batch = []
        if self._outbox.overflowed:
            place.lose("too much waited to be sent")
        for problem in failed:
            log.error("room.change_failed", problem=problem.decode(errors="replace"))

    async def _beat(self) -> None:
        """Give a sign of life and look whether others still do."""
        while True:
            rooms = sorted({member.interview_id for member in self._members.values()})
            for first in range(0, max(1, len(rooms)), LOOK_AT_ONCE):
                self._outbox.put(do="look", rooms=rooms[first : first + LOOK_AT_ONCE])
            await asyncio.sleep(self._alive_s / BEATS)

    def _reached(self, error: Exception | None) -> None:
        away = error is not None
        if away != self._away:
            self._away = away
            log.warning("room.relay_away" if away else "room.relay_back", error=str(error) if error else None)

    def _begin_anew(self, place: _Place) -> None:
        """Do as a process that was restarted: forget everybody; they come back by themselves."""
        self._outbox.begin_anew(place.batch)
        members, self._members = self._members, {}
        for member in members.values():
            member.close(COME_BACK, "the room was out of reach")

    async def _end(self, place: _Place) -> None:
        self._outbox.put(do="stop")
        with suppress(RedisError, OSError):
            async with asyncio.timeout(LAST_WORDS_S):
                while (place.batch or self._outbox) and not place.lost.is_set():
                    await self._push(place)
        await self._redis.aclose()

    # ---- deliveries -------------------------------------------------------------------------------------------------

    async def _read(self, place: _Place) -> None:
        while not place.lost.is_set():
            try:
                asked: dict[Any, Any] = {place.inbox: f"0-{place.taken}"}
                async with asyncio.timeout(ANSWER_S):
                    answer = cast(Any, await self._redis.xread(asked, count=READ_AT_ONCE, block=BLOCK_MS))
            except (RedisError, OSError):
                await asyncio.sleep(PAUSE_S)
                continue
            for entry_id, fields in answer[0][1] if answer else ():
                number = int(entry_id.partition(b"-")[2])
                if number != place.taken + 1:
                    place.lose(f"deliveries {place.taken + 1} to {number - 1} are gone")
                    return
                place.taken = number
                self._take(json.loads(fields[b"d"]))

    def _take(self, delivery: Json) -> None:
        for peer_id in delivery["to"]:
            if (member := self._members.get(peer_id)) is not None:
                self._hand(member, delivery)

    def _hand(self, member: Member, delivery: Json) -> None:
        match delivery["kind"]:
            case "welcome":
                floor = delivery.get("floor")
                member.welcome(delivery.get("peers", []), json.loads(floor) if floor is not None else None)
                self._answer(member, seated=True)
            case "full":
                self._answer(member, seated=False)
            case "joined":
                member.joined(delivery["peer"], live=delivery["live"])
            case "left":
                member.left(delivery["peer"], dropped=delivery["dropped"])
            case "replaced":
                del self._members[member.peer_id]
                member.replaced()
            case "removed":
                member.removed(delivery["participant_id"])
            case "frame":
                member.send(json.loads(delivery["frame"]))
                if (closing := delivery.get("closing")) is not None and not member.is_bot:
                    member.close(closing["code"], closing["reason"])

    def _answer(self, member: Member, *, seated: bool) -> None:
        waiting = self._joining.get(member.peer_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(seated)

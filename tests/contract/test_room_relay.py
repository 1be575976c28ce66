"""What members of a room notice of each other: within one process, and on two replicas with one Redis between them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from redis import Redis

from api.room import Card, Hub, Member, Refused
from api.room.frames import BadFrame, Hello, parse_frame
from api.room.members import Closing
from api.room.relay import MAX_MEMBERS
from api.room.relay.outbox import MOST_WAITING, Outbox
from api.room.relay.redis import RedisRelay
from tests.fakes.cable import Cable, cable_to
from tests.guards import HANG_S
from tests.running_redis import running_redis

CARD = Card(title="Backend engineer", language="en", mode="solo", status="ready", questions=4)
OUT_OF_REACH = Closing(1012, "the room was out of reach")
REPLACED = [{"type": "replaced"}, Closing(4409, "opened elsewhere")]


@dataclass(frozen=True)
class Seat:
    participant_id: str
    role: str = "candidate"
    name: str = "Ada"


ADA = Seat("ada")
BOT = Seat("bot-1", "bot", "Viva")
GRACE = Seat("grace", "interviewer", 'Grace "Größe" 💡')
OLGA = Seat("olga", "observer", "Olga")

Hubs = tuple[Hub, Hub]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis that the tests of this module share."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["local", "redis"])
async def hubs(request: pytest.FixtureRequest) -> AsyncIterator[Hubs]:
    """Where one half of a room's members is connected, and where the other half is."""
    if request.param == "local":
        hub = Hub()
        yield hub, hub
        return
    url = request.getfixturevalue("redis_url")
    with Redis.from_url(url) as client:
        client.flushall()
    async with replica(url) as here, replica(url) as there:
        yield here, there


@asynccontextmanager
async def replica(url: str, alive_s: float = 15.0, join_s: float = HANG_S) -> AsyncIterator[Hub]:
    """One replica's hub, as long as the replica runs."""
    relay = RedisRelay(url, alive_s=alive_s, join_s=join_s)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(relay.run())
        try:
            yield Hub(relay=relay)
        finally:
            running.cancel()


@dataclass(eq=False)
class Guest:
    """A member and the hub it is connected to."""

    hub: Hub
    member: Member

    @property
    def peer_id(self) -> str:
        return self.member.peer_id

    def says(self, **frame: Any) -> None:
        self.hub.take(self.member, parse_frame(json.dumps(frame)))

    def signals(self, to: "Guest | str", text: str) -> None:
        self.says(type="signal", to=to if isinstance(to, str) else to.peer_id, data=_data(text))

    def goes(self, *, dropped: bool) -> None:
        self.hub.leave(self.member, dropped=dropped)

    async def hears(self) -> Any:
        """The next thing this member is told: a frame, or its closing."""
        async with asyncio.timeout(HANG_S):
            return await self.member.queue.get()

    async def hears_only(self, of: "Guest", text: str = "nothing else") -> None:
        """Have `of` signal, and find that nothing was told before that."""
        of.signals(self, text)
        assert await self.hears() == _signal(of, text)


async def join(hub: Hub, seat: Seat, *live: str, interview: str = "i1", consented: bool = False) -> Guest:
    hello = Hello(type="hello", token="t", peers=list(live), consented=consented)
    return Guest(hub, await hub.join(interview, seat, hello, CARD))


async def entered(hub: Hub, seat: Seat, *others: Guest, interview: str = "i1") -> Guest:
    """Join, and have the newcomer and the others hear of it."""
    guest = await join(hub, seat, interview=interview)
    welcome = await guest.hears()
    assert [peer["peer_id"] for peer in welcome["peers"]] == [other.peer_id for other in others]
    for other in others:
        assert (await other.hears())["peer"]["peer_id"] == guest.peer_id
    return guest


def _data(text: str) -> dict[str, Any]:
    return {"candidate": {"candidate": text}}


def _signal(sender: Guest, text: str) -> dict[str, Any]:
    participant_id = sender.member.seat.participant_id
    return {"type": "signal", "from": sender.peer_id, "participant_id": participant_id, "data": _data(text)}


def _left(guest: Guest, *, dropped: bool) -> dict[str, Any]:
    participant_id = guest.member.seat.participant_id
    return {"type": "peer-left", "peer_id": guest.peer_id, "participant_id": participant_id, "dropped": dropped}


async def test_a_newcomer_learns_who_is_there_and_the_others_learn_of_the_newcomer(hubs: Hubs) -> None:
    here, there = hubs
    bot = await join(here, BOT)
    assert (await bot.hears())["peers"] == []
    grace = await join(there, GRACE, "bot-1", consented=True)
    assert await grace.hears() == {
        "type": "welcome",
        "peer_id": grace.peer_id,
        "participant_id": "grace",
        "role": "interviewer",
        "name": GRACE.name,
        "peers": [
            {
                "peer_id": bot.peer_id,
                "participant_id": "bot-1",
                "role": "bot",
                "name": "Viva",
                "consented": False,
                "muted": False,
            }
        ],
        "ice_servers": [],
        "interview": {**asdict(CARD)},
        "floor": None,
    }
    assert await bot.hears() == {"type": "peer-joined", "peer": {**grace.member.card(), "live": True}}
    ada = await join(here, ADA, "grace")
    assert [peer["participant_id"] for peer in (await ada.hears())["peers"]] == ["bot-1", "grace"]
    assert (await bot.hears())["peer"]["live"] is False
    assert (await grace.hears())["peer"]["live"] is True


async def test_of_any_two_who_come_at_once_exactly_one_makes_the_offer(hubs: Hubs) -> None:
    seats = [ADA, BOT, *(Seat(f"o{number}", "observer") for number in range(8))]
    async with asyncio.TaskGroup() as tasks:
        joining = [tasks.create_task(join(hubs[number % 2], seat)) for number, seat in enumerate(seats)]
    guests = [task.result() for task in joining]
    told: list[tuple[str, str]] = []  # who was told of whom
    for guest in guests:
        met = [peer["peer_id"] for peer in (await guest.hears())["peers"]]
        while len(met) < len(guests) - 1:
            met.append((await guest.hears())["peer"]["peer_id"])
        told += [(guest.peer_id, peer_id) for peer_id in met]
    assert len(set(told)) == len(told) == len(guests) * (len(guests) - 1), "everybody meets everybody once"


async def test_the_newest_connection_takes_the_seat_wherever_it_is(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    first = await entered(here, ADA, bot)
    second = await entered(there, ADA, bot)
    assert [await first.hears(), await first.hears()] == REPLACED
    first.says(type="control", control="stop")
    first.signals(bot, "from an old window")
    first.goes(dropped=True)
    third = await entered(here, ADA, bot)
    assert [await second.hears(), await second.hears()] == REPLACED
    assert bot.hub.members("i1") == (bot.member, third.member)
    await third.hears_only(bot)


async def test_signals_reach_the_peer_they_are_for_in_order_and_nobody_else(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    grace = await entered(there, GRACE, bot, ada)
    for number in range(200):
        ada.signals(bot, f"to the bot {number}")
        bot.signals(ada, f"to Ada {number}")
    for number in range(200):
        assert await bot.hears() == _signal(ada, f"to the bot {number}")
        assert await ada.hears() == _signal(bot, f"to Ada {number}")
    for everybody in ("everybody", "people", "bots", "", "*", grace.member.seat.participant_id):
        with suppress(BadFrame):
            ada.signals(everybody, "for you all")
    await grace.hears_only(ada)


async def test_a_signal_arrives_as_it_was_sent(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    text = 'v=0\r\n"ü" \\ \u2028 \x00 💡 ' + "a=candidate é\r\n" * 2500
    ada.says(type="signal", to=bot.peer_id, data={"sdp": {"type": "offer", "sdp": text}})
    assert (await bot.hears())["data"] == {"sdp": {"type": "offer", "sdp": text}}
    ada.says(type="signal", to=bot.peer_id, data={"candidate": None})
    assert (await bot.hears())["data"] == {"candidate": None}
    no_mid = {"candidate": "c", "sdpMid": None, "sdpMLineIndex": 0}
    ada.says(type="signal", to=bot.peer_id, data={"candidate": no_mid})
    assert (await bot.hears())["data"] == {"candidate": no_mid}


async def test_controls_go_to_bots_and_mutes_to_everybody_and_to_whoever_comes_later(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    olga = await entered(here, OLGA, bot, ada)
    who = {"participant_id": "ada"}
    ada.says(type="control", control="repeat")
    ada.says(type="level", muted=True)
    assert await bot.hears() == {"type": "control", "from": ada.peer_id, **who, "control": "repeat"}
    for other in (bot, olga):
        assert await other.hears() == {"type": "muted", "peer_id": ada.peer_id, **who, "muted": True}
    grace = await join(there, GRACE)
    peers = (await grace.hears())["peers"]
    assert [(peer["participant_id"], peer["muted"]) for peer in peers] == [
        ("bot-1", False),
        ("ada", True),
        ("olga", False),
    ]


async def test_captions_and_the_floor_reach_people_wherever_the_bot_tells_them(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    olga = await entered(here, OLGA, bot, ada)
    floor = {"floor": "listening", "expecting": "answer", "question_id": None, "number": 1, "of": 4}
    here.announce("i1", "turn.final", {"turn_id": "t1", "speaker_id": "ada", "role": "candidate", "text": "Größe\x00"})
    here.announce("i1", "floor", floor)
    here.announce("i1", "state", {"state": "in_call"})
    for person in (ada, olga):
        caption = await person.hears()
        assert (caption["type"], caption["text"], caption["speaker"]) == ("caption", "Größe\x00", None)
        assert await person.hears() == {"type": "floor", **floor}
        assert await person.hears() == {"type": "state", "state": "in_call", "reason": None}
    await bot.hears_only(olga)
    late = await join(there, GRACE)
    assert (await late.hears())["floor"] == floor
    here.announce("i1", "state", {"state": "done"})
    while (await late.hears())["type"] != "state":
        pass
    assert (await (await join(there, Seat("otto", "observer"))).hears())["floor"] is None


@pytest.mark.parametrize("dropped", [True, False])
async def test_the_others_learn_whether_somebody_left_or_dropped(hubs: Hubs, dropped: bool) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    grace = await entered(here, GRACE, bot, ada)
    ada.goes(dropped=dropped)
    for other in (bot, grace):
        assert await other.hears() == _left(ada, dropped=dropped)
    bot.signals(ada, "to somebody gone")
    ada.signals(bot, "from somebody gone")
    await grace.hears_only(bot)
    await entered(there, ADA, bot, grace)


async def test_seats_are_counted_wherever_people_sit(hubs: Hubs) -> None:
    here, there = hubs
    for number in range(MAX_MEMBERS - 1):
        await join(hubs[number % 2], Seat(f"o{number}", "observer"))
    for hub in hubs:
        with pytest.raises(Refused) as refused:
            await join(hub, GRACE)
        assert (refused.value.code, refused.value.close) == ("room_full", 4429)
    await join(here, BOT)
    ada = await join(there, ADA)
    with pytest.raises(Refused):
        await join(here, GRACE)
    again = await join(there, Seat("o0", "observer"))
    assert len((await again.hears())["peers"]) == MAX_MEMBERS
    again.goes(dropped=False)
    while (await ada.hears())["type"] != "peer-left":
        pass
    await join(here, GRACE)


async def test_the_end_closes_people_wherever_they_are_and_lets_the_bot_leave_by_itself(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(there, BOT)
    ada = await entered(there, ADA, bot)
    olga = await entered(here, OLGA, bot, ada)
    here.announce("i1", "floor", {"floor": "ended"})
    here.end("i1", "completed", "completed")
    ended = {"type": "ended", "reason": "completed", "status": "completed"}
    for person in (ada, olga):
        assert (await person.hears())["type"] == "floor"
        assert [await person.hears(), await person.hears()] == [ended, Closing(4410, "completed")]
    assert await bot.hears() == ended
    assert not bot.member.closed


async def test_rooms_do_not_hear_of_each_other(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    stranger = await entered(there, ADA, interview="i2")
    there.announce("i2", "turn.final", {"turn_id": "t", "text": "secret"})
    stranger.signals(bot, "into another room")
    stranger.says(type="control", control="stop")
    stranger.says(type="level", muted=True)
    there.end("i2", "cancelled", "cancelled")
    stranger.goes(dropped=False)
    await bot.hears_only(ada)
    await ada.hears_only(bot)


# ---- replicas and Redis may go away -------------------------------------------------------------------------------


@pytest.fixture
async def cable(redis_url: str) -> AsyncIterator[Cable]:
    """What connects one of two replicas with Redis."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
    async with cable_to(urlsplit(redis_url).port or 0) as cable:
        yield cable


async def test_who_is_put_out_has_left_for_everybody_wherever_they_are_connected(hubs: Hubs) -> None:
    here, there = hubs
    bot = await entered(here, BOT)
    ada = await entered(there, ADA, bot)
    olga = await entered(there, OLGA, bot, ada)
    here.dismiss("i1", "olga")
    here.dismiss("i1", "nobody")
    refused = await olga.hears()
    assert (refused["type"], refused["code"]) == ("error", "not_named")
    assert await olga.hears() == Closing(4403, "not_named")
    for gone in ("olga", "nobody"):
        for other in (bot, ada):
            assert await other.hears() == {"type": "removed", "participant_id": gone}, "or they would keep the media"
    olga.signals(bot, "from somebody removed")
    olga.goes(dropped=True)
    await bot.hears_only(ada)
    await entered(here, OLGA, bot, ada)


async def test_a_replica_that_dies_takes_its_members_with_it_and_one_that_only_seemed_to_sends_them_back(
    redis_url: str, cable: Cable
) -> None:
    async with (
        replica(redis_url, alive_s=3.0) as here,
        replica(f"redis://127.0.0.1:{cable.port}/0", alive_s=0.6) as there,
    ):
        bot = await entered(here, BOT)
        ada = await entered(there, ADA, bot)
        cable.cut()
        assert await bot.hears() == _left(ada, dropped=True)
        cable.mend()
        assert await ada.hears() == OUT_OF_REACH
        ada.goes(dropped=True)
        await entered(there, ADA, bot)


async def test_a_dead_replicas_members_take_no_seats(redis_url: str, cable: Cable) -> None:
    async with (
        replica(redis_url) as here,
        replica(f"redis://127.0.0.1:{cable.port}/0", alive_s=0.6) as there,
    ):
        ada = await entered(there, ADA)
        cable.cut()
        with Redis.from_url(redis_url) as client:
            while any(b"inbox" not in key and client.pttl(key) < 5000 for key in client.keys("vivavoce:replica:*")):
                await asyncio.sleep(0.01)
        await entered(here, BOT)
        assert not ada.member.closed, "it is connected, though to nobody"


async def test_members_of_a_replica_that_stops_are_gone_at_once(redis_url: str) -> None:
    async with replica(redis_url) as here:
        async with replica(redis_url) as there:
            bot = await entered(here, BOT)
            ada = await entered(there, ADA, bot)
            grace = await entered(there, GRACE, bot, ada)
            ada.goes(dropped=False)
        assert await bot.hears() == _left(ada, dropped=False)
        otto = await join(here, Seat("otto", "observer"))
        assert [peer["participant_id"] for peer in (await otto.hears())["peers"]] == ["bot-1"]
        assert await bot.hears() == _left(grace, dropped=True)


async def test_a_cable_that_breaks_again_and_again_loses_doubles_and_turns_nothing(
    redis_url: str, cable: Cable
) -> None:
    async with replica(redis_url) as here, replica(f"redis://127.0.0.1:{cable.port}/0") as there:
        bot = await entered(here, BOT)
        ada = await entered(there, ADA, bot)
        for cuts in range(5):
            for number in range(40):
                ada.signals(bot, f"{cuts} {number}")
                bot.signals(ada, f"{cuts} {number}")
                if number % 10 == 0:
                    await asyncio.sleep(0.001)
            cable.cut()
            await asyncio.sleep(0.02)
            cable.mend()
        for text in (f"{cuts} {number}" for cuts in range(5) for number in range(40)):
            assert await bot.hears() == _signal(ada, text)
            assert await ada.hears() == _signal(bot, text)


async def test_a_change_whose_answer_is_lost_is_made_once(redis_url: str, cable: Cable) -> None:
    async with replica(redis_url) as here, replica(f"redis://127.0.0.1:{cable.port}/0") as there:
        bot = await entered(here, BOT)
        ada = await entered(there, ADA, bot)
        cable.lose_answers()
        ada.signals(bot, "once")
        assert await bot.hears() == _signal(ada, "once")
        cable.cut()
        cable.mend()
        await bot.hears_only(ada)


async def test_while_redis_hangs_members_stay_and_newcomers_are_asked_to_try_again(tmp_path: Path) -> None:
    with running_redis(tmp_path) as url, Redis.from_url(url) as client:
        [server] = [process for process in psutil.Process().children() if process.pid == client.info()["process_id"]]
        async with replica(url, join_s=0.3) as here, replica(url, join_s=HANG_S) as there:
            bot = await entered(there, BOT)
            grace = await entered(there, GRACE, bot)
            server.suspend()
            try:
                with pytest.raises(Refused) as refused:
                    await join(here, ADA)
                bot.signals(grace, "said while Redis was away")
                here.announce("i1", "floor", {"floor": "thinking"})
            finally:
                server.resume()
            assert (refused.value.close, refused.value.code) == (1013, "room_unavailable")
            assert "try again" in str(refused.value)
            said, floor = _signal(bot, "said while Redis was away"), {"type": "floor", "floor": "thinking"}
            told: list[Any] = []
            while said not in told or floor not in told:
                told.append(await grace.hears())
            others = [frame for frame in told if frame not in (said, floor)]
            assert all(frame["type"] in ("peer-joined", "peer-left") for frame in others), "Ada may have come and gone"
            otto = await join(there, Seat("otto", "observer"))
            peers = [peer["participant_id"] for peer in (await otto.hears())["peers"]]
            assert peers == ["bot-1", "grace"], "nobody left, and whoever was refused has no seat"


async def test_when_redis_has_forgotten_everything_everybody_comes_back(redis_url: str) -> None:
    async with replica(redis_url, alive_s=1.0) as here, replica(redis_url, alive_s=1.0) as there:
        bot = await entered(here, BOT, interview="i9")
        ada = await entered(there, ADA, bot, interview="i9")
        with Redis.from_url(redis_url) as client:
            client.flushall()
        for guest in (bot, ada):
            assert await guest.hears() == OUT_OF_REACH
            guest.goes(dropped=True)
        bot = await entered(here, BOT, interview="i9")
        await entered(there, ADA, bot, interview="i9")


async def test_a_replica_that_missed_deliveries_has_its_members_come_back(redis_url: str) -> None:
    async with replica(redis_url) as hub:
        ada = await entered(hub, ADA, interview="i8")
        with Redis.from_url(redis_url) as client:
            seats = json.loads(client.get("vivavoce:room:i8") or "")["seats"]
            client.xadd(f"vivavoce:replica:{seats[0]['replica']}:inbox", {"d": "{}"}, id="0-100")
        assert await ada.hears() == OUT_OF_REACH
        ada.goes(dropped=True)
        await entered(hub, ADA, interview="i8")


async def test_a_replica_that_starts_before_redis_takes_members_once_it_is_there(redis_url: str, cable: Cable) -> None:
    cable.cut()
    async with replica(f"redis://127.0.0.1:{cable.port}/0", join_s=0.2) as hub:
        with pytest.raises(Refused) as refused:
            await join(hub, ADA)
        assert refused.value.code == "room_unavailable"
        assert hub.members("i1") == ()
        cable.mend()
        async with asyncio.timeout(HANG_S):
            while True:
                with suppress(Refused):
                    assert (await (await join(hub, ADA)).hears())["peers"] == []
                    break


def test_what_waits_for_redis_is_bounded_and_what_members_said_goes_first() -> None:
    outbox = Outbox()
    outbox.put(do="remember", lasting=True)
    outbox.put(do="signal")
    outbox.begin_anew([])
    assert [json.loads(change.body)["do"] for change in asyncio.run(outbox.take())] == ["remember"]
    frame = "x" * (MOST_WAITING // 10)
    for _ in range(11):
        outbox.put(do="signal", frame=frame)
    assert outbox.overflowed
    assert len(asyncio.run(outbox.take())) < 5

"""The signalling hub: who sits where, and what each is told."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest

from api.room import frames
from api.room.frames import BadFrame, ControlFrame, Hello, Level, Slept, parse_frame, parse_hello
from api.room.hub import Hub
from api.room.members import MAX_QUEUED, Card, Closing, Member, Refused
from api.room.relay import MAX_MEMBERS
from api.room.socket import Allowance

CARD = Card(title="Backend engineer", language="en", mode="solo", status="ready", questions=4)


@dataclass(frozen=True)
class Seat:
    participant_id: str
    role: str = "candidate"
    name: str = "Ada"


CANDIDATE = Seat("ada")
BOT = Seat("bot-1", "bot", "Viva")
INTERVIEWER = Seat("grace", "interviewer", "Grace")
OBSERVER = Seat("olga", "observer", "Olga")


async def join(hub: Hub, seat: Seat, *live: str, interview: str = "i1", consented: bool = False) -> Member:
    return await hub.join(interview, seat, Hello(type="hello", token="t", peers=list(live), consented=consented), CARD)


def told(member: Member) -> list[Any]:
    """Everything queued for a member so far: frames, then perhaps its closing."""
    queued = []
    while not member.queue.empty():
        queued.append(member.queue.get_nowait())
    return queued


def no_more_candidates(to: Member) -> frames.ClientFrame:
    return parse_frame(json.dumps({"type": "signal", "to": to.peer_id, "data": {"candidate": None}}))


def types(member: Member) -> list[str]:
    return [frame["type"] if isinstance(frame, dict) else f"close {frame.code}" for frame in told(member)]


async def test_a_newcomer_learns_who_is_there_and_the_others_learn_of_the_newcomer() -> None:
    hub = Hub(ice_servers=({"urls": ["stun:stun.example:3478"]},))
    bot = await join(hub, BOT)
    told(bot)
    ada = await join(hub, CANDIDATE, consented=True)
    [welcome] = told(ada)
    assert welcome["type"] == "welcome"
    assert welcome["participant_id"] == "ada"
    assert [(peer["peer_id"], peer["role"]) for peer in welcome["peers"]] == [(bot.peer_id, "bot")]
    assert welcome["ice_servers"] == [{"urls": ["stun:stun.example:3478"]}]
    assert welcome["interview"]["title"] == "Backend engineer"
    assert welcome["interview"]["questions"] == 4
    [joined] = told(bot)
    assert joined["type"] == "peer-joined"
    assert joined["peer"] == ada.card() | {"live": False}
    assert joined["peer"]["consented"] is True


async def test_rooms_do_not_hear_of_each_other() -> None:
    hub = Hub()
    here = await join(hub, BOT, interview="i1")
    there = await join(hub, CANDIDATE, interview="i2")
    told(here), told(there)
    hub.announce("i2", "turn.final", {"turn_id": "t", "text": "secret", "role": "candidate", "speaker": "Ada"})
    hub.take(there, no_more_candidates(here))
    hub.leave(there, dropped=True)
    assert told(here) == []


async def test_the_newest_connection_takes_the_seat_and_the_old_one_is_told() -> None:
    hub = Hub()
    bot = await join(hub, BOT)
    first = await join(hub, CANDIDATE)
    told(first), told(bot)
    second = await join(hub, CANDIDATE)
    assert types(first) == ["replaced", "close 4409"]
    assert types(bot) == ["peer-joined"], "the successor is the news, nobody left"
    hub.leave(first, dropped=True)
    assert told(bot) == [], "the old connection's end takes nothing from the new one"
    assert hub.members("i1") == (bot, second)


async def test_a_replaced_connection_has_no_say() -> None:
    hub = Hub()
    bot = await join(hub, BOT)
    first = await join(hub, CANDIDATE)
    await join(hub, CANDIDATE)
    told(bot)
    hub.take(first, ControlFrame(type="control", control="stop"))
    assert told(bot) == []


async def test_returning_with_live_media_is_passed_on_to_exactly_those_named() -> None:
    hub = Hub()
    bot, grace = await join(hub, BOT), await join(hub, INTERVIEWER)
    told(bot), told(grace)
    await join(hub, CANDIDATE, "bot-1")
    assert told(bot)[0]["peer"]["live"] is True
    assert told(grace)[0]["peer"]["live"] is False


async def test_signals_reach_only_the_peer_they_are_for() -> None:
    hub = Hub()
    bot, ada, grace = await join(hub, BOT), await join(hub, CANDIDATE), await join(hub, INTERVIEWER)
    told(bot), told(ada), told(grace)
    offer = {"sdp": {"type": "offer", "sdp": "v=0"}}
    hub.take(ada, parse_frame(json.dumps({"type": "signal", "to": bot.peer_id, "data": offer})))
    assert told(bot) == [
        {
            "type": "signal",
            "from": ada.peer_id,
            "participant_id": "ada",
            "data": {"sdp": {"type": "offer", "sdp": "v=0"}},
        }
    ]
    assert told(grace) == []
    assert told(ada) == []


async def test_a_signal_to_somebody_gone_is_dropped_quietly() -> None:
    hub = Hub()
    bot, ada = await join(hub, BOT), await join(hub, CANDIDATE)
    hub.leave(bot, dropped=True)
    told(ada)
    hub.take(ada, no_more_candidates(bot))
    assert told(ada) == []


@pytest.mark.parametrize("seat", [CANDIDATE, INTERVIEWER])
async def test_controls_go_to_bots_alone(seat: Seat) -> None:
    hub = Hub()
    bot, olga, who = await join(hub, BOT), await join(hub, OBSERVER), await join(hub, seat)
    told(bot), told(olga), told(who)
    hub.take(who, ControlFrame(type="control", control="repeat"))
    assert told(bot) == [
        {"type": "control", "from": who.peer_id, "participant_id": seat.participant_id, "control": "repeat"}
    ]
    assert told(olga) == []


async def test_an_observer_has_no_controls() -> None:
    hub = Hub()
    bot, olga = await join(hub, BOT), await join(hub, OBSERVER)
    told(bot)
    with pytest.raises(Refused) as refused:
        hub.take(olga, ControlFrame(type="control", control="stop"))
    assert refused.value.close == 4403
    assert told(bot) == []


async def test_a_consent_is_the_candidates_own_to_take_back() -> None:
    hub = Hub()
    bot, ada, grace = await join(hub, BOT), await join(hub, CANDIDATE), await join(hub, INTERVIEWER)
    told(bot)
    hub.take(ada, ControlFrame(type="control", control="withdraw"))
    assert [frame["control"] for frame in told(bot)] == ["withdraw"]
    with pytest.raises(Refused, match="withdraw"):
        hub.take(grace, ControlFrame(type="control", control="withdraw"))
    assert told(bot) == []


async def test_who_leads_is_told_to_people() -> None:
    hub = Hub()
    bot, ada = await join(hub, BOT), await join(hub, CANDIDATE)
    told(bot), told(ada)
    given = {"from": "interviewer", "to": "bot", "by": "Grace", "questions": 2, "order": "cmd_1"}
    hub.announce("i1", "floor.changed", given)
    hub.announce("i1", "mode.changed", {"from": "copilot", "to": "shadow", "by": "Grace", "type": "caption"})
    assert told(ada) == [
        {"type": "floor.changed", "from": "interviewer", "to": "bot", "questions": 2},
        {"type": "mode.changed", "from": "copilot", "to": "shadow"},
    ], "not who asked for it"
    assert told(bot) == []


async def test_who_comes_later_sees_who_is_muted() -> None:
    hub = Hub()
    bot, ada = await join(hub, BOT), await join(hub, CANDIDATE)
    told(bot)
    hub.take(ada, Level(type="level", muted=True))
    assert told(bot) == [{"type": "muted", "peer_id": ada.peer_id, "participant_id": "ada", "muted": True}]
    [welcome] = told(await join(hub, INTERVIEWER))
    assert [peer["muted"] for peer in welcome["peers"]] == [False, True]


async def test_the_bot_alone_is_told_of_a_page_that_slept() -> None:
    hub = Hub()
    bot, ada, grace = await join(hub, BOT), await join(hub, CANDIDATE), await join(hub, INTERVIEWER)
    told(bot), told(grace)
    hub.take(ada, Slept(type="slept", ms=61_900))
    assert told(bot) == [{"type": "slept", "peer_id": ada.peer_id, "participant_id": "ada", "ms": 61_900}]
    assert told(grace) == []


@pytest.mark.parametrize("dropped", [True, False])
async def test_the_others_learn_whether_somebody_left_or_dropped(dropped: bool) -> None:
    hub = Hub()
    bot, ada = await join(hub, BOT), await join(hub, CANDIDATE)
    told(bot)
    hub.leave(ada, dropped=dropped)
    assert told(bot) == [{"type": "peer-left", "peer_id": ada.peer_id, "participant_id": "ada", "dropped": dropped}]


async def test_captions_go_to_people_with_text_that_can_still_change_marked() -> None:
    hub = Hub()
    bot, ada = await join(hub, BOT), await join(hub, CANDIDATE)
    told(bot), told(ada)
    turn = {"turn_id": "t1", "speaker_id": "ada", "speaker": "Ada", "role": "candidate"}
    hub.announce("i1", "turn.interim", {**turn, "text": "I led the", "stable": "I led", "start_ms": 5})
    hub.announce("i1", "turn.final", {**turn, "text": "I led the team.", "seq": 3, "confidence": 0.9})
    interim, final = told(ada)
    assert interim == {"type": "caption", "final": False, **turn, "text": "I led the", "stable": "I led"}
    assert final == {"type": "caption", "final": True, **turn, "text": "I led the team.", "stable": "I led the team."}
    assert told(bot) == []


async def test_a_latecomer_sees_where_the_call_stands() -> None:
    hub = Hub()
    floor = {"floor": "listening", "expecting": "answer", "question_id": "q1", "number": 1, "of": 4}
    hub.announce("i1", "floor", floor)
    ada = await join(hub, CANDIDATE)
    assert told(ada)[0]["floor"] == floor
    hub.announce("i1", "floor", floor | {"floor": "thinking"})
    assert told(ada) == [{"type": "floor", **floor, "floor": "thinking"}]
    hub.announce("i1", "state", {"state": "failed", "reason": "bot_crashed"})
    assert told(await join(hub, INTERVIEWER))[0]["floor"] is None


async def test_a_room_is_not_told_which_questions_of_the_plan_people_were_found_to_ask() -> None:
    hub = Hub()
    ada = await join(hub, CANDIDATE)
    told(ada)
    floor = {"floor": "listening", "expecting": "nothing", "mode": "copilot", "leads": "interviewer"}
    hub.announce("i1", "floor", {**floor, "question_id": "salary-hopes", "number": 3, "of": 9})
    assert told(ada) == [{"type": "floor", **floor}]
    assert told(await join(hub, INTERVIEWER))[0]["floor"] == floor
    lent = {**floor, "leads": "bot", "question_id": "q1", "number": 1, "of": 9}
    hub.announce("i1", "floor", lent)
    assert told(ada)[-1] == {"type": "floor", **lent}


async def test_what_a_room_need_not_know_is_not_told() -> None:
    hub = Hub()
    ada = await join(hub, CANDIDATE)
    told(ada)
    hub.announce("i1", "latency", {"total_ms": 400})
    hub.announce("i1", "question.closed", {"question_id": "q1", "signals": ["result"]})
    assert told(ada) == []


async def test_the_end_closes_people_and_lets_the_bot_leave_by_itself() -> None:
    hub = Hub()
    bot, ada, olga = await join(hub, BOT), await join(hub, CANDIDATE), await join(hub, OBSERVER)
    told(bot), told(ada), told(olga)
    hub.end("i1", "completed", "completed")
    for person in (ada, olga):
        ended, closing = told(person)
        assert ended == {"type": "ended", "reason": "completed", "status": "completed"}
        assert closing == Closing(4410, "completed")
    assert types(bot) == ["ended"]


async def test_a_full_room_turns_the_next_one_away_and_still_takes_back_its_own() -> None:
    hub = Hub()
    await join(hub, CANDIDATE)
    for number in range(MAX_MEMBERS - 1):
        await join(hub, Seat(f"o{number}", "observer"))
    with pytest.raises(Refused) as refused:
        await join(hub, INTERVIEWER)
    assert refused.value.code == "room_full"
    await join(hub, Seat("o3", "observer"))
    await join(hub, CANDIDATE)
    assert len(hub.members("i1")) == MAX_MEMBERS


async def test_however_many_guests_there_are_the_bot_and_the_candidate_find_a_seat() -> None:
    hub = Hub()
    guests = [Seat(f"o{number}", "observer") for number in range(MAX_MEMBERS)]
    for guest in guests[:-1]:
        await join(hub, guest)
    with pytest.raises(Refused) as refused:
        await join(hub, guests[-1])
    assert refused.value.code == "room_full"
    await join(hub, BOT)
    await join(hub, CANDIDATE)
    assert len(hub.members("i1")) == MAX_MEMBERS + 1


async def test_a_status_that_is_not_known_yet_is_not_told() -> None:
    hub = Hub()
    ada = await join(hub, CANDIDATE)
    told(ada)
    hub.end("i1", "completed", None)
    assert told(ada) == [{"type": "ended", "reason": "completed"}, Closing(4410, "completed")]


async def test_a_connection_that_takes_nothing_is_closed_and_hurts_nobody_else() -> None:
    hub = Hub()
    stuck, ada = await join(hub, OBSERVER), await join(hub, CANDIDATE)
    for number in range(MAX_QUEUED + 10):
        hub.announce("i1", "turn.interim", {"turn_id": "t", "text": str(number)})
        told(ada)
    assert told(stuck)[-1] == Closing(1013, "frames were not taken fast enough")
    assert not ada.closed


async def test_an_empty_room_is_forgotten() -> None:
    hub = Hub()
    hub.leave(await join(hub, CANDIDATE), dropped=False)
    assert hub.members("i1") == ()
    assert told(await join(hub, BOT))[0]["peers"] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[" * 50_000,
        "{",
        '{"type":"hello"}',
        '{"type":"hello","token":7}',
        '{"type":"hello","token":""}',
        '{"type":"hello","token":"t","consented":"yes"}',
        '{"type":"hello","token":"t","peers":"ada"}',
        json.dumps({"type": "hello", "token": "t", "peers": ["a"] * 33}),
        '{"type":"leave"}',
    ],
)
def test_a_first_frame_that_is_no_hello_is_refused(text: str) -> None:
    with pytest.raises(BadFrame) as bad:
        parse_hello(text)
    assert bad.value.code == "bad_frame"
    assert bad.value.detail


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"hello","token":"t"}',
        '{"type":"mystery"}',
        '{"type":"control","control":"explode"}',
        '{"type":"signal","to":"p","data":{}}',
        '{"type":"signal","to":"p","data":{"sdp":{"type":"rollback","sdp":""}}}',
        '{"type":"signal","to":"p","data":{"sdp":{"type":"offer","sdp":"v=0"},"candidate":null}}',
        '{"type":"signal","to":"","data":{"candidate":null}}',
        '{"type":"signal","to":"p","data":{"candidate":{"candidate":"x","sdpMLineIndex":-1}}}',
        '{"type":"level","muted":1}',
        '{"type":"slept"}',
        '{"type":"slept","ms":0}',
        '{"type":"slept","ms":1e12}',
    ],
)
def test_hostile_frames_are_refused(text: str) -> None:
    with pytest.raises(BadFrame):
        parse_frame(text)


def test_a_frame_of_too_many_bytes_is_refused_even_when_its_letters_are_few() -> None:
    padding = "é" * (frames.MAX_FRAME_BYTES // 2)
    with pytest.raises(BadFrame) as bad:
        parse_frame(json.dumps({"type": "leave", "padding": padding}, ensure_ascii=False))
    assert bad.value.code == "frame_too_large"


def test_frames_of_a_later_protocol_may_say_more() -> None:
    assert parse_frame('{"type":"level","muted":true,"volume":0.4}') == Level(type="level", muted=True)


def test_a_burst_is_fine_and_a_flood_is_not() -> None:
    allowance = Allowance(0.0, burst=10, per_second=5)
    for _ in range(10):
        allowance.take(0.0)
    with pytest.raises(Refused):
        allowance.take(0.0)
    allowance.take(1.0)


async def test_frames_wait_in_order_for_the_writer() -> None:
    hub = Hub()
    ada = await join(hub, CANDIDATE)
    hub.announce("i1", "state", {"state": "joining"})
    hub.close()
    async with asyncio.timeout(1):
        assert (await ada.queue.get())["type"] == "welcome"
        assert (await ada.queue.get())["state"] == "joining"
        assert await ada.queue.get() == Closing(1012, "the server restarts")

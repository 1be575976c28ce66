"""The bots' socket: nothing lost, nothing twice, whatever breaks."""

import asyncio
import contextlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import select
from websockets import ConnectionClosed

from api.copilot.tables import PanelRow
from api.errors import AttemptOver, Superseded
from api.interviews.attempts import next_incarnation
from api.interviews.leases import LeaseRow
from api.interviews.receiver import BotEvent
from api.interviews.repository import RunRepository
from api.interviews.tables import TAKEOVER
from api.moments import utc_now
from bot.spec import BotSpec
from bot.uplink import Outbox
from tests.fakes.launcher import MemoryLauncher, SlowLauncher
from tests.guards import HANG_S, connect
from tests.integration.plane import Plane, close_code, running, until, uplink


async def test_events_sent_again_are_stored_once(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.says(1, 1, "First.")
            await bot.says(2, 2, "Second.")
            await bot.acknowledged(2)
        async with uplink(spec) as bot:
            assert bot.acked == 2
            await bot.says(1, 1, "First.")
            await bot.says(2, 2, "Second.")
            await bot.says(3, 3, "Third.")
            await bot.acknowledged(3)
        turns = (await client.get(f"/v1/interviews/{interview_id}/transcript")).json()["data"]
        assert [turn["text"] for turn in turns] == ["First.", "Second.", "Third."]
        events = await plane.services.interviews.events_after("acme", interview_id, 0)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert sum(event.type == "turn.final" for event in events) == 3


async def test_bots_that_report_at_once_are_answered_each_for_itself(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client, receiver = plane.client(), plane.services.receiver
        (one, first), (other, second), (_, third) = [await plane.started(client) for _ in range(3)]
        notes = [BotEvent(event="note", at=utc_now(), n=n, data={"number": n}) for n in range(1, 5)]
        answers = await asyncio.gather(
            receiver.take(first.attempt_id, 1, notes[:1]),
            receiver.take("att_none", 1, notes),
            receiver.take(second.attempt_id, 1, notes[:3]),
            receiver.take(third.attempt_id, 7, notes),
            receiver.take(first.attempt_id, 1, notes[:2]),
            receiver.take(first.attempt_id, 1, notes),
            return_exceptions=True,
        )
        kinds = [type(answer) if isinstance(answer, BaseException) else answer for answer in answers]
        assert kinds == [1, AttemptOver, 3, Superseded, 2, 4]
        for interview_id, stored in ((one, 4), (other, 3)):
            events = await plane.services.interviews.events_after("acme", interview_id, 0)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            assert [event.data["number"] for event in events if event.type == "note"] == list(range(1, stored + 1))


@pytest.mark.parametrize("heir_first", [False, True])
async def test_what_a_lost_bot_left_and_what_its_heir_says_are_stored_in_one_go(
    tmp_path: Path, heir_first: bool
) -> None:
    async with running(tmp_path, watch_every_s=HANG_S) as plane:
        interview_id, spec = await plane.started(plane.client())
        async with uplink(spec) as bot:
            await bot.says(1, 1, "Before.")
            await bot.acknowledged(1)
        await followed(plane, spec)
        receiver, at = plane.services.receiver, utc_now()
        turn = turn_data(2, "Left behind.")
        left = [BotEvent(event="note", at=at, n=n, data={}) for n in range(1, 9)]
        left += [BotEvent(event="turn.final", at=at, n=9, data=turn), BotEvent(event="state", at=at, n=10, data={})]
        heir = [BotEvent(event="note", at=at, n=n, data={"number": n}) for n in (1, 2)]
        both = [receiver.take_left(spec.attempt_id, 1, left), receiver.take(spec.attempt_id, 2, heir)]
        first_of_all = receiver.take("att_none", 1, heir)  # while it is answered, both of them wait
        answers = await asyncio.gather(first_of_all, *both[:: -1 if heir_first else 1], return_exceptions=True)
        assert answers[2 - heir_first] == 2, answers
        events = await plane.services.interviews.events_after("acme", interview_id, 0)
        assert [event.data["number"] for event in events if event.type == "note" and event.data] == [1, 2]
        if heir_first:  # the record goes on from its heir: what was said is kept all the same
            assert events[-1].data == {"code": "turn_too_late", "detail": "Ann: Left behind."}
        assert [event.data["text"] for event in events if event.type == "turn.final"] == (
            ["Before."] if heir_first else ["Before.", "Left behind."]
        )
        await receiver.take_left(spec.attempt_id, 1, left)
        assert len(await plane.services.interviews.events_after("acme", interview_id, 0)) == len(events), "kept once"


async def test_what_was_acknowledged_survives_the_api_and_the_rest_is_sent_again(tmp_path: Path) -> None:
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        interview_id, spec = await plane.started(plane.client())
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "Before.")
            await bot.acknowledged(2)
    async with running(tmp_path, bots) as plane:
        moved = spec.model_copy(
            update={"uplink": spec.uplink.model_copy(update={"url": plane.sockets(f"/bots/{interview_id}/uplink")})}
        )
        client = plane.client()
        async with uplink(moved) as bot:
            assert bot.acked == 2
            await bot.says(3, 2, "After.")
            await bot.event(4, "ended", reason="completed", report={})
            body = await until(client, interview_id, "completed")
        assert body["turn_count"] == 2
        assert body["summary"]["qa"][0]["answer"] == "Before. After."
        assert len(bots.specs) == 1


async def test_a_stop_waits_for_a_bot_that_is_away_and_outlives_a_restart(tmp_path: Path) -> None:
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        await client.post(f"/v1/interviews/{interview_id}/cancel")
    async with running(tmp_path, bots) as plane:
        moved = spec.model_copy(
            update={"uplink": spec.uplink.model_copy(update={"url": plane.sockets(f"/bots/{interview_id}/uplink")})}
        )
        async with uplink(moved) as bot:
            first = await bot.told()
        async with uplink(moved) as bot:
            assert await bot.told() == first
            await bot.done(first)
            await bot.event(1, "state", state="leaving")
            await bot.acknowledged(1)
        async with uplink(moved) as bot:
            await bot.event(2, "state", state="done")
            await bot.acknowledged(2)
            assert bot.commands == []


async def test_an_interview_whose_bots_die_without_a_word_fails(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "I was saying")
            await bot.acknowledged(2)
        assert spec.recording is not None
        spec.recording.write_bytes(b"OggS half a recording")
        await plane.crashes(interview_id)
        body = await until(client, interview_id, "failed")
        assert body["status_reason"] == "bot_crashed"
        assert body["summary"]["qa"][0]["answer"] == "I was saying"
        assert body["recording"]["bytes"] == 21
        sound = await client.get(f"/v1/interviews/{interview_id}/recording")
        assert sound.content == b"OggS half a recording"


async def test_a_bot_that_died_while_the_api_was_away_is_noticed_and_its_outbox_read(tmp_path: Path) -> None:
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        interview_id, spec = await plane.started(plane.client())
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
    outbox = Outbox(spec.outbox)
    at = {"type": "event", "at": "2026-11-22T05:00:00.000Z", "at_ms": 5}
    outbox.add(at | {"event": "state", "data": {"state": "in_call"}})
    outbox.add(at | {"event": "turn.final", "data": turn_data(1, "Nobody was listening.")})
    outbox.close()
    with spec.outbox.open("ab") as torn:
        torn.write(b'{"type":"event","n":3,"even')
    bots.forget()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        body = await until(client, interview_id, "reconnecting")
        turns = (await client.get(f"/v1/interviews/{interview_id}/transcript")).json()["data"]
        assert body["status_reason"] == "bot_lost"
        assert [turn["text"] for turn in turns] == ["Nobody was listening."]
        assert not spec.outbox.exists()


async def test_a_start_cut_off_by_a_restart_is_finished_by_the_next_api(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks, running(tmp_path, SlowLauncher(delay_s=60), lease_s=0.5) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        tasks.create_task(_start_in_vain(plane.token(), f"{plane.url}/v1/interviews/{interview_id}/start"))
        before = await until(client, interview_id, "joining")
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        async with asyncio.timeout(HANG_S):
            while not bots.specs:
                await asyncio.sleep(0.01)
        assert bots.specs[0].attempt_id == before["attempt"]["id"]
        async with uplink(bots.specs[0]) as bot:
            await bot.event(1, "state", state="in_call")
            await until(plane.client(), interview_id, "in_progress")


async def followed(plane: Plane, spec: BotSpec) -> None:
    """Have another incarnation exist, of which the one before it has not heard."""
    async with plane.services.database.write() as tx:
        _, attempt = await RunRepository(tx.session).both_for_change(spec.attempt_id)
        await next_incarnation(tx.session, attempt, TAKEOVER, utc_now())


def turn_data(seq: int, text: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "turn_id": f"t{seq}",
        "speaker_id": "c",
        "speaker": "Ann",
        "role": "candidate",
        "text": text,
        "start_ms": 0,
        "end_ms": 900,
        "confidence": 0.8,
        "question_id": "q1",
        "interrupted": False,
    }


async def _start_in_vain(token: str, url: str) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=HANG_S) as client:
        with contextlib.suppress(httpx.HTTPError):
            await client.post(url, timeout=30)


async def test_who_may_not_report(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        tokens = plane.services.tokens
        interview_id, spec = await plane.started(plane.client())
        other_id, other = await plane.started(plane.client())
        hour = timedelta(hours=1)
        newer = tokens.issue_uplink(interview_id, spec.attempt_id, 2, expires_in=hour)
        older = tokens.issue_uplink(interview_id, spec.attempt_id, 1, expires_in=-hour)
        unknown = tokens.issue_uplink(interview_id, "att_none", 1, expires_in=hour)
        cases = [
            (spec.attempt_id, 1, plane.token(), 4401),
            (spec.attempt_id, 1, "nonsense", 4401),
            (spec.attempt_id, 1, older, 4401),
            (spec.attempt_id, 1, other.uplink.token.get_secret_value(), 4401),
            (spec.attempt_id, 2, newer, 4409),
            ("att_none", 1, unknown, 4410),
        ]
        for attempt_id, epoch, token, code in cases:
            async with connect(spec.uplink.url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
                hello = json.dumps({"type": "hello", "attempt_id": attempt_id, "epoch": epoch, "last_n": 0})
                with contextlib.suppress(ConnectionClosed):  # refused for its token before it could say hello
                    await socket.send(hello)
                assert await close_code(socket) == code, (attempt_id, epoch)
        async with connect(spec.uplink.url) as socket:
            assert await close_code(socket) == 4401
        assert other_id != interview_id


async def test_an_incarnation_that_was_followed_by_another_is_put_out(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.says(1, 1, "From the first.")
            await bot.acknowledged(1)
            await followed(plane, spec)
            await bot.says(2, 2, "From a ghost.")
            assert await close_code(bot.socket) == 4409
        turns = (await client.get(f"/v1/interviews/{interview_id}/transcript")).json()["data"]
        assert [turn["text"] for turn in turns] == ["From the first."]


async def test_what_a_followed_incarnation_has_done_or_wishes_is_its_successors_to_do_and_to_wish(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, watch_every_s=HANG_S) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            assert (await client.post(f"/v1/interviews/{interview_id}/mode", json={"to": "copilot"})).status_code == 202
            told = await bot.told()
            await followed(plane, spec)
            await bot.done(told)
            assert await close_code(bot.socket) == 4409
        async with plane.services.database.read() as tx:
            assert [one.id for one in await RunRepository(tx.session).open_commands(spec.attempt_id)] == [told["id"]]


@pytest.mark.parametrize("numberless", ["floor.wished", "guard.warning"])
async def test_a_followed_incarnation_wishes_for_nothing_and_tells_no_panel(tmp_path: Path, numberless: str) -> None:
    async with running(tmp_path, watch_every_s=HANG_S) as plane:
        interview_id, spec = await plane.started(plane.client())
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            await followed(plane, spec)
            await bot.event(None, numberless, by="somebody", id="card_1", text="Ask on.")
            assert await close_code(bot.socket) == 4409
        async with plane.services.database.read() as tx:
            told = (await tx.session.scalars(select(PanelRow).where(PanelRow.interview_id == interview_id))).all()
        assert [one.type for one in told if one.type == numberless] == []


async def test_what_is_logged_of_several_bots_at_once_names_the_right_one(tmp_path: Path) -> None:
    async with running(tmp_path, watch_every_s=HANG_S) as plane:
        specs = [(await plane.started(plane.client()))[1] for _ in range(2)]
        async with uplink(specs[0]) as first, uplink(specs[1]) as second:
            with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
                for n in range(1, 20):
                    await asyncio.gather(
                        *(bot.event(n, "state", state=str(at)) for at, bot in enumerate((first, second)))
                    )
                await asyncio.gather(first.acknowledged(19), second.acknowledged(19))
        told = [(line["interview"], line["attempt"]) for line in lines if line["event"] == "event_not_understood"]
        assert [told.count((spec.interview_id, spec.attempt_id)) for spec in specs] == [19, 19]


@pytest.mark.parametrize(
    "frame", ["{", "[]", '{"type":"event","n":0,"at":"2026-11-22T05:00:00Z","event":"x"}', b"\x00"]
)
async def test_frames_that_are_not_of_the_protocol_end_the_line(tmp_path: Path, frame: str | bytes) -> None:
    async with running(tmp_path) as plane:
        _, spec = await plane.started(plane.client())
        async with uplink(spec) as bot:
            await bot.socket.send(frame)
            assert await close_code(bot.socket) == 4400


@pytest.mark.parametrize(
    "broken",
    [
        {"event": "Not A Name", "at": "2026-11-22T05:00:00.000Z", "data": {}},
        {"event": "state", "at": "2026-11-22T05:00:00", "data": {}},
        {"event": "state", "at": "2026-11-22T05:00:00.000Z", "data": [1]},
        {"event": "turn.final", "at": "2026-11-22T05:00:00.000Z", "data": {"text": "half a pair: \ud83d"}},
        {"event": "state", "at": None, "data": {"much": "x" * 100_000}},
    ],
)
async def test_an_event_that_is_none_becomes_an_incident_and_holds_nothing_up(
    tmp_path: Path, broken: dict[str, object]
) -> None:
    async with running(tmp_path) as plane:
        interview_id, spec = await plane.started(plane.client())
        async with uplink(spec) as bot:
            await bot.socket.send(json.dumps({"type": "event", "n": None, **broken}))
            await bot.socket.send(json.dumps({"type": "event", "n": 1, **broken}))
            await bot.says(2, 1, "Not held up.")
            await bot.acknowledged(2)
        events = await plane.services.interviews.events_after("acme", interview_id, 0)
        stored = [event for event in events if event.type in {"incident", "turn.final"}]
        assert [event.type for event in stored] in (["incident", "turn.final"], ["turn.final", "turn.final"])
        assert stored[-1].data["text"] == "Not held up."
        assert all(event.data["code"] == "event_not_understood" for event in stored if event.type == "incident")
        assert len(json.dumps(stored[0].data)) < 5000


async def test_an_event_nobody_understands_is_kept_and_acknowledged(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "turn.final", seq="one")
            await bot.event(2, "weather", sky="blue")
            await bot.acknowledged(2)
        events = await plane.services.interviews.events_after("acme", interview_id, 0)
        assert [(event.type, event.data) for event in events[-2:]] == [
            ("turn.final", {"seq": "one"}),
            ("weather", {"sky": "blue"}),
        ]


async def test_a_candidate_who_drops_and_returns(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.event(2, "participant.left", participant_id="c", name="Ann", role="candidate", dropped=True)
            body = await until(client, interview_id, "reconnecting")
            assert body["status_reason"] == "candidate_dropped"
            await bot.event(3, "participant.joined", participant_id="c", name="Ann", role="candidate", again=True)
            body = await until(client, interview_id, "in_progress")
            assert body["status_reason"] is None


async def test_what_comes_after_the_end_still_counts(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            await until(client, interview_id, "no_show")
            await bot.event(2, "usage", cpu_s=1.5, call_s=60)
            await bot.acknowledged(2)
        body = (await client.get(f"/v1/interviews/{interview_id}")).json()
        assert body["metrics"]["usage"] == {"cpu_s": 1.5, "call_s": 60}


async def test_a_bot_is_told_that_it_may_stay_while_its_lease_is_held_for_long_enough(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        _, spec = await plane.started(plane.client())
        assert spec.lease_s is None, "there is no other place on an SQLite file"
        async with uplink(spec) as bot:
            await bot.may_stay(12.5)
            assert await bot.told() == {"type": "renewed", "at": 12.5}
            async with plane.services.database.write() as tx:
                lease = await tx.session.get_one(LeaseRow, spec.attempt_id)
                lease.holder, lease.expires_at = "place_elsewhere", utc_now() + timedelta(seconds=25)  # of 60
            await bot.may_stay(13.5)
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            async with plane.services.database.write() as tx:
                (await tx.session.get_one(LeaseRow, spec.attempt_id)).expires_at = utc_now() + timedelta(seconds=50)
            await bot.may_stay(14.5)
            assert await bot.told() == {"type": "renewed", "at": 14.5}, "and 13.5 was never confirmed"
            async with plane.services.database.write() as tx:
                (await tx.session.get_one(LeaseRow, spec.attempt_id)).epoch = 2
            await bot.may_stay(15.5)
            assert await close_code(bot.socket) == 4409

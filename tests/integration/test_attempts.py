"""The tries at an interview over real HTTP: listed, repeated up to a limit, given another bot."""

import asyncio
import contextlib
import itertools
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from api.interviews.keeper import PAUSES_S
from bot.spec import BotSpec
from orchestrator import Exited, LaunchHandle
from tests.fakes.launcher import FullLauncher, MemoryLauncher
from tests.guards import HANG_S
from tests.integration.plane import Plane, close_code, running, until, uplink
from tests.running_host import running_host


async def _fails(plane: Plane, client: httpx.AsyncClient, interview_id: str, spec: BotSpec, text: str) -> None:
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "question.asked", question_id="q1", follow_up=0)
        await bot.says(3, 1, text)
        await bot.event(4, "ended", reason="speech_unavailable", report={})
        await until(client, interview_id, "failed")


def leave(spec: BotSpec, events: list[tuple[int, str, dict[str, Any]]]) -> None:
    """Write down what a bot could not deliver any more."""
    at = {"at": "2026-11-22T05:00:00.000Z", "at_ms": 9}
    frames = [{"type": "event", "n": n, "event": type_, "data": data} | at for n, type_, data in events]
    spec.outbox.write_text("".join(json.dumps(frame) + "\n" for frame in frames))


async def _tries(client: httpx.AsyncClient, interview_id: str) -> list[dict[str, Any]]:
    tries: list[dict[str, Any]] = (await client.get(f"/v1/interviews/{interview_id}/attempts")).json()["data"]
    return tries


async def test_another_attempt_begins_afresh_and_the_first_stays(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client, max_attempts=2)
        path = f"/v1/interviews/{interview_id}"
        await _fails(plane, client, interview_id, spec, "The first answer.")
        run_id = (await client.get(path)).json()["run_id"]
        again = await client.post(f"{path}/attempts")
        assert (again.status_code, again.json()["status"]) == (201, "ready"), again.text
        assert again.json()["summary"] is None
        assert (await client.post(f"{path}/start")).status_code == 202
        second = plane.launcher.specs[-1]
        assert second.attempt_id != spec.attempt_id
        assert [entry["status"] for entry in (await client.get(path)).json()["coverage"]] == ["pending", "pending"]
        await _fails(plane, client, interview_id, second, "The second answer.")
        tries = await _tries(client, interview_id)
        assert [(each["scheduled_at"], each["duration_s"], each["recording"]) for each in tries] == [(None,) * 3] * 2
        assert [(each["number"], each["counts"], each["end_reason"]) for each in tries] == [
            (2, True, "speech_unavailable"),
            (1, True, "speech_unavailable"),
        ]
        assert tries[1]["summary"]["qa"][0]["answer"] == "The first answer."
        newest = (await client.get(f"{path}/transcript")).json()
        assert [turn["text"] for turn in newest["data"]] == ["The second answer."]
        first = (await client.get(f"{path}/transcript", params={"attempt": 1})).json()
        assert [turn["text"] for turn in first["data"]] == ["The first answer."]
        assert (first["meta"]["attempt"], first["meta"]["complete"]) == (1, True)
        assert (await client.get(f"{path}/transcript", params={"attempt": 3})).status_code == 404
        assert (await client.get(path)).json()["run_id"] == run_id
        spent = await client.post(f"{path}/attempts")
        assert (spent.status_code, spent.json()["code"]) == (409, "attempts_exhausted")
        assert spent.json()["current_status"] == "failed"


async def test_who_follows_a_repeated_interview_has_both_attempts(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client, max_attempts=2)
        await _fails(plane, client, interview_id, spec, "The first answer.")
        await client.post(f"/v1/interviews/{interview_id}/attempts")
        seen: list[str] = []
        async with client.stream("GET", f"/v1/interviews/{interview_id}/events") as stream, asyncio.timeout(HANG_S):
            async for line in stream.aiter_lines():
                if '"another_attempt"' in line:
                    seen.append(line)
                    break
        assert seen


async def test_an_attempt_in_which_the_candidate_said_nothing_does_not_count(tmp_path: Path) -> None:
    bots = FullLauncher()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        assert (await client.post(f"/v1/interviews/{interview_id}/start")).status_code == 503
        bots.total = 1
        assert (await client.post(f"/v1/interviews/{interview_id}/start")).status_code == 202
        async with uplink(bots.specs[-1]) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.event(2, "ended", reason="no_show", report={})
            await until(client, interview_id, "no_show")
        again = await client.post(f"/v1/interviews/{interview_id}/attempts")
        assert (again.status_code, again.json()["max_attempts"]) == (201, 1)
        bots.end(LaunchHandle.of(bots.specs[-1]), Exited(0, "finished"))
        assert (await client.post(f"/v1/interviews/{interview_id}/start")).status_code == 202
        async with uplink(bots.specs[-1]) as bot:
            await bot.says(1, 1, "Here I am.")
            await bot.acknowledged(1)
        assert [(each["number"], each["counts"]) for each in await _tries(client, interview_id)] == [
            (3, True),
            (2, False),
            (1, False),
        ]


@pytest.mark.parametrize("stands", ["ready", "joining"])
async def test_what_has_not_ended_is_not_tried_again(tmp_path: Path, stands: str) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id = await plane.created(client, max_attempts=20)
        if stands == "joining":
            await client.post(f"/v1/interviews/{interview_id}/start")
        answer = await client.post(f"/v1/interviews/{interview_id}/attempts")
        assert (answer.status_code, answer.json()["current_status"]) == (409, stands)


@pytest.mark.parametrize("number", [0, 21, "2", True])
async def test_one_to_twenty_attempts(tmp_path: Path, number: object) -> None:
    async with running(tmp_path) as plane:
        answer = await plane.client().post(
            "/v1/interviews", json={"candidate": {"name": "Ann"}, "plan_name": "x", "max_attempts": number}
        )
        assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "max_attempts"])


async def test_a_bot_that_waits_in_vain_is_followed_by_another(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as old:
            await old.event(1, "state", state="waiting")
            await old.acknowledged(1)
            answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
            assert (answer.status_code, answer.json()["attempt"]["epoch"]) == (202, 2), answer.text
            new = plane.launcher.specs[-1]
            assert (new.attempt_id, new.epoch) == (spec.attempt_id, 2)
            assert {new.outbox, new.recording}.isdisjoint({spec.outbox, spec.recording})
            assert [handle for handle, _ in plane.launcher.stopped] == [LaunchHandle.of(spec)]
            with contextlib.suppress(ConnectionClosed):
                await old.event(2, "ended", reason="no_show", report={})
            assert await close_code(old.socket) == 4409
        async with uplink(new) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "An answer.")
            await bot.event(3, "ended", reason="completed", report={})
            body = await until(client, interview_id, "completed")
        assert body["turn_count"] == 1
        (attempt,) = await _tries(client, interview_id)
        assert [(one["epoch"], one["cause"], one["state"]) for one in attempt["connections"]] == [
            (2, "rejoin", "in_call"),
            (1, "start", "waiting"),
        ]
        assert all(one["left_at"] for one in attempt["connections"])


async def test_a_rejoin_goes_on_where_the_bot_before_it_stood(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        assert spec.so_far is None
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.event(2, "consent", given=True, method="voice", text="Yes.")
            await bot.says(3, 1, "What did you build last?", role="bot")
            await bot.event(4, "question.asked", question_id="q1", follow_up=0, text="What did you build last?")
            await bot.says(5, 2, "A queue.")
            await bot.acknowledged(5)
            leave(
                spec,
                [(6, "question.asked", {"question_id": "q1", "follow_up": 1, "text": "Why?", "missing": "result"})],
            )
            answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
            assert answer.status_code == 202, answer.text
        so_far = plane.launcher.specs[-1].so_far
        assert so_far is not None
        assert (so_far.turns, so_far.consent, so_far.consent_method) == (2, True, "voice")
        [question] = so_far.questions
        assert [(asked.text, asked.signal) for asked in question.asked] == [
            ("What did you build last?", None),
            ("Why?", "result"),
        ], "what it had not delivered counts, too"
        assert [(part.turn, part.text) for part in question.parts] == [(2, "A queue.")]
        assert question.outcome is None
        async with uplink(plane.launcher.specs[-1]) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 3, "It was too slow.")
            await bot.event(3, "ended", reason="completed", report={})
            body = await until(client, interview_id, "completed")
        assert body["turn_count"] == 3
        over = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (over.status_code, over.json()["code"], over.json()["current_status"]) == (
            409,
            "cannot_rejoin",
            "completed",
        )


async def test_a_rejoin_of_a_bot_that_had_ended_the_call_starts_none(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "That is all.")
            await bot.acknowledged(2)
        leave(spec, [(3, "ended", {"reason": "stopped_by_candidate", "report": {}})])
        assert (await client.post(f"/v1/interviews/{interview_id}/rejoin")).status_code == 202
        body = await until(client, interview_id, "completed")
        assert body["status_reason"] == "stopped_by_candidate"
        assert len(plane.launcher.specs) == 1


async def test_a_bot_that_is_lost_is_followed_by_others_up_to_a_limit(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "An answer.")
            await bot.acknowledged(2)
        plane.launcher.end(LaunchHandle.of(spec), Exited(137, "killed"))
        body = await until(client, interview_id, "reconnecting")
        assert body["status_reason"] == "bot_lost"
        await plane.crashes(interview_id)
        assert all(spec.so_far is not None for spec in plane.launcher.specs[1:])
        body = await until(client, interview_id, "failed")
        assert body["status_reason"] == "bot_crashed"
        (attempt,) = await _tries(client, interview_id)
        assert [one["cause"] for one in attempt["connections"]] == ["takeover"] * 3 + ["start"]
        assert [one["ending"] for one in attempt["connections"]] == ["killed"] * 4
        opened = [datetime.fromisoformat(one["opened_at"]) for one in reversed(attempt["connections"])]
        waits = [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(opened)]
        assert waits[1] >= PAUSES_S[1] and waits[2] >= PAUSES_S[2], "the more are lost, the longer the next one waits"
        incidents = [
            event.data
            for event in await plane.services.interviews.events_after("acme", interview_id, 0)
            if event.type == "incident"
        ]
        assert incidents == [{"code": "bot_lost", "detail": f"incarnation {n}: killed"} for n in range(1, 5)]


async def test_a_rejoin_that_finds_no_room_leaves_no_call_behind(tmp_path: Path) -> None:
    bots = MemoryLauncher(total=1)
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
        bots.total = 0
        answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (answer.status_code, answer.json()["code"]) == (503, "no_capacity")
        body = await until(client, interview_id, "failed")
        assert body["status_reason"] == "no_capacity"


class MovedClock:
    """Is ahead of the time of day."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def _broken_off(plane: Plane, client: httpx.AsyncClient, **more: Any) -> tuple[str, BotSpec]:
    """Return an interview whose bot failed in the middle of its call."""
    interview_id, spec = await plane.started(client, **more)
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="waiting")
        await bot.event(2, "state", state="in_call")
        await bot.says(3, 1, "What did you build last?", role="bot")
        await bot.event(4, "question.asked", question_id="q1", follow_up=0, text="What did you build last?")
        await bot.event(5, "question.closed", question_id="q1", outcome="skipped", reason="speech_unavailable")
        await bot.event(6, "ended", reason="speech_unavailable", report={})
        await until(client, interview_id, "failed")
    plane.launcher.end(LaunchHandle.of(spec), Exited(0, "finished"))
    return interview_id, spec


async def test_a_call_that_failed_is_taken_up_for_a_while_and_then_tried_again(tmp_path: Path) -> None:
    clock = MovedClock()
    async with running(tmp_path, clock=clock, rejoin_window_s=60) as plane:
        client = plane.client()
        interview_id, first = await _broken_off(plane, client, max_attempts=2)
        clock.ahead += timedelta(seconds=50)
        answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (answer.status_code, answer.json()["status"]) == (202, "reconnecting"), answer.text
        second = plane.launcher.specs[-1]
        assert (second.attempt_id, second.epoch) == (first.attempt_id, 2)
        assert second.so_far is not None and second.so_far.turns == 1
        assert [question.outcome for question in second.so_far.questions] == [None], "what the end left open is open"
        async with uplink(second) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 2, "A queue.")
            await bot.event(3, "ended", reason="connection_lost", report={})
            await until(client, interview_id, "failed")
        plane.launcher.end(LaunchHandle.of(second), Exited(0, "finished"))
        clock.ahead += timedelta(seconds=70)
        answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (answer.status_code, answer.json()["status"]) == (202, "joining"), answer.text
        third = plane.launcher.specs[-1]
        assert third.attempt_id != first.attempt_id and third.so_far is None
        async with uplink(third) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "A queue.")
            await bot.event(3, "ended", reason="connection_lost", report={})
            await until(client, interview_id, "failed")
        clock.ahead += timedelta(seconds=70)
        answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (answer.status_code, answer.json()["code"]) == (409, "attempts_exhausted")
        assert "more than 60 s ago (REJOIN_WINDOW_S)" in answer.json()["detail"]


async def test_a_call_that_was_cancelled_can_be_taken_up_and_its_stop_is_void_then(tmp_path: Path) -> None:
    async with running(tmp_path, cancel_grace_s=0.05) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        path = f"/v1/interviews/{interview_id}"
        await client.post(f"{path}/cancel")
        too_soon = await client.post(f"{path}/rejoin")
        assert too_soon.status_code == 409 and too_soon.json()["code"] in {"being_stopped", "being_written_up"}
        await until(client, interview_id, "cancelled")
        assert (await client.post(f"{path}/rejoin")).json()["status"] == "joining"
        second = plane.launcher.specs[-1]
        assert (second.attempt_id, second.epoch) == (spec.attempt_id, 2)
        async with uplink(second) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.event(2, "ended", reason="completed", report={})
            await until(client, interview_id, "completed")


@pytest.mark.parametrize("reason", ["consent_declined", "stopped_by_candidate"])
async def test_what_the_candidate_ended_is_not_taken_up(tmp_path: Path, reason: str) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.event(2, "ended", reason=reason, report={})
            await until(client, interview_id, "cancelled")
        answer = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (answer.status_code, answer.json()["code"]) == (409, "ended_by_candidate")
        assert len(plane.launcher.specs) == 1


async def test_a_stop_beats_whatever_fails_while_the_bot_leaves(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            await client.post(f"/v1/interviews/{interview_id}/cancel")
            await bot.told()
            await bot.event(2, "ended", reason="connection_lost", report={})
            body = await until(client, interview_id, "cancelled", "failed")
        assert (body["status"], body["status_reason"]) == ("cancelled", "cancelled")


async def test_of_two_hundred_starts_at_once_as_many_win_as_there_are_places(tmp_path: Path) -> None:
    async with (
        running_host(tmp_path / "host", max_bots="4") as host,
        running(tmp_path / "api", host.launcher, rate_per_minute=0, rate_per_hour=0) as plane,
    ):
        client = plane.client()
        body = {"candidate": {"name": "Polite"}}
        ids = [await plane.created(client, **body) for _ in range(200)]
        answers = await asyncio.gather(*(client.post(f"/v1/interviews/{id_}/start") for id_ in ids))
        codes = Counter(answer.status_code for answer in answers)
        assert codes == {202: 4, 503: 196}
        refused = [answer for answer in answers if answer.status_code == 503]
        assert {answer.json()["code"] for answer in refused} == {"no_capacity"}
        assert all(answer.headers["retry-after"] for answer in refused)
        bodies = [(await client.get(f"/v1/interviews/{id_}")).json() for id_ in ids]
        stand = Counter((body["status"], body["status_reason"]) for body in bodies)
        assert stand == {("joining", None): 4, ("ready", "no_capacity"): 196}
        started = {id_ for id_, answer in zip(ids, answers, strict=True) if answer.status_code == 202}
        assert {handle.interview_id for handle in await host.launcher.list()} == started


async def test_another_tenants_attempts_do_not_exist(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id, _ = await plane.started(plane.client("acme"))
        other, path = plane.client("globex"), f"/v1/interviews/{interview_id}"
        run_id = (await plane.client("acme").get(path)).json()["run_id"]
        answers = [
            await other.get(f"{path}/attempts"),
            await other.post(f"{path}/attempts"),
            await other.post(f"{path}/rejoin"),
            await other.get(f"/v1/runs/{run_id}/status"),
        ]
        assert {answer.status_code for answer in answers} == {404}


async def test_a_run_tells_where_its_interview_stands(tmp_path: Path) -> None:
    async with running(tmp_path, cancel_grace_s=0.05) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        path = f"/v1/interviews/{interview_id}"
        run_id = (await client.get(path)).json()["run_id"]
        run = (await client.get(f"/v1/runs/{run_id}/status")).json()
        assert (run["status"], run["attempt"], run["over"]) == ("ready", None, False)
        await client.post(f"{path}/start")
        run = (await client.get(f"/v1/runs/{run_id}/status")).json()
        assert (run["interview_id"], run["status"], run["attempt"], run["over"]) == (interview_id, "joining", 1, False)
        await client.post(f"{path}/cancel")
        await until(client, interview_id, "cancelled")
        run = (await client.get(f"/v1/runs/{run_id}/status")).json()
        assert (run["status"], run["over"]) == ("cancelled", True)
        assert (await client.get("/v1/runs/run_none/status")).json()["code"] == "not_found"

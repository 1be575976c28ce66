"""What the keeper finds when it looks: whatever state things are in, it ends them properly and goes on."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.interviews import keeper, writing_up
from api.interviews.leases import NOBODY, LeaseRow
from api.interviews.repository import RunRepository
from bot.spec import BotSpec
from bot.state import EXIT_HANDED_OVER
from orchestrator import Capacity, Departure, Exited, LaunchHandle
from tests.fakes.launcher import AbsentHost, MemoryLauncher, SlowLauncher
from tests.guards import HANG_S
from tests.integration.plane import Plane, running, until, uplink


def _not_utf8(path: Path) -> None:
    path.write_bytes(b'{"type":"event","event":"state"\xff}\n')


def _directory(path: Path) -> None:
    path.mkdir()


def _too_deep(path: Path) -> None:
    path.write_bytes(b"[" * 200_000 + b"]" * 200_000 + b"\n")


def _no_objects(path: Path) -> None:
    path.write_bytes(b'7\n"seven"\n[]\n')


def _without_numbers(path: Path) -> None:
    path.write_bytes(b'{"type":"event","event":"state","data":{}}\n')


async def _plan_is_lost(plane: Plane, spec: BotSpec) -> None:
    async with plane.services.database.write() as tx:
        interview, _ = await RunRepository(tx.session).both_for_change(spec.attempt_id)
        interview.plan = {"sections": [{"questions": [7]}]}


@pytest.mark.parametrize("damage", [_not_utf8, _directory, _too_deep, _no_objects, _without_numbers])
async def test_a_damaged_outbox_ends_neither_the_api_nor_the_interviews(tmp_path: Path, damage: Any) -> None:
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        damage(spec.outbox)
        await plane.crashes(interview_id)
        body = await until(client, interview_id, "failed")
        assert body["status_reason"] == "bot_crashed"
        assert not spec.outbox.exists()
        other, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            await until(client, other, "no_show")


async def test_an_interview_whose_summary_fails_still_ends_and_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "An answer.")
            await bot.acknowledged(2)
            await _plan_is_lost(plane, spec)
            await bot.event(3, "ended", reason="completed", report={})
            async with asyncio.timeout(HANG_S):
                while True:
                    events = await plane.services.interviews.events_after("acme", interview_id, 0)
                    if events[-1].data.get("status") == "completed":
                        break
                    await asyncio.sleep(0.01)
        assert [event.data["code"] for event in events if event.type == "incident"] == ["summary_failed"]


async def test_a_start_that_can_never_succeed_is_given_up_by_the_next_api(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks, running(tmp_path, SlowLauncher(delay_s=60), lease_s=0.5) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        starting = tasks.create_task(_start(plane, interview_id))
        before = await until(client, interview_id, "joining")
        starting.cancel()
        async with plane.services.database.write() as tx:
            interview, _ = await RunRepository(tx.session).both_for_change(before["attempt"]["id"])
            interview.limits = {"no_show_s": "for ever"}
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        async with asyncio.timeout(HANG_S):
            while (stands := await _stands(plane, interview_id)) == ("joining", None):
                await asyncio.sleep(0.01)
        assert stands == ("ready", "launch_failed")
        assert bots.specs == []
        _, spec = await plane.started(plane.client())
        assert spec.interview_id != interview_id


async def test_an_interview_called_off_while_its_start_fails_is_cancelled(tmp_path: Path) -> None:
    bots = _SlowlyFails(delay_s=0.3)
    async with running(tmp_path, bots) as plane, asyncio.TaskGroup() as tasks:
        client = plane.client()
        interview_id = await plane.created(client)
        tasks.create_task(_start(plane, interview_id))
        await until(client, interview_id, "joining")
        assert (await client.post(f"/v1/interviews/{interview_id}/cancel")).status_code == 202
        body = await until(client, interview_id, "cancelled", "ready")
        assert (body["status"], body["status_reason"]) == ("cancelled", "cancelled")


async def test_a_bot_that_heard_the_stop_and_died_was_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            await client.post(f"/v1/interviews/{interview_id}/cancel")
            await bot.done(await bot.told())
            await bot.event(2, "state", state="leaving")
            await bot.acknowledged(2)
        plane.launcher.end(LaunchHandle.of(spec), Exited(139, "killed by SIGSEGV"))
        body = await until(client, interview_id, "cancelled", "failed")
        assert (body["status"], body["status_reason"]) == ("cancelled", "cancelled")


async def test_a_bot_killed_while_its_host_shuts_down_was_cancelled(tmp_path: Path) -> None:
    bots = _LeavingHost()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
        bots.gone = True
        bots.end(LaunchHandle.of(spec), Exited(137, "killed by SIGKILL", asked=True))
        body = await until(client, interview_id, "cancelled", "failed")
        assert (body["status"], body["status_reason"]) == ("cancelled", "cancelled")


async def _lost_in_its_call(plane: Plane, bots: MemoryLauncher) -> tuple[str, BotSpec]:
    """Return an interview whose bot dies in its call, when there is room for no other."""
    interview_id, spec = await plane.started(plane.client())
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.says(2, 1, "An answer.")
        await bot.acknowledged(2)
    bots.total = 0  # whoever starts now has its place
    bots.end(LaunchHandle.of(spec), Exited(137, "killed"))
    return interview_id, spec


async def test_a_call_whose_lost_bot_s_place_is_taken_waits_for_another(tmp_path: Path) -> None:
    bots = _Counting(total=1)
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await _lost_in_its_call(plane, bots)
        await until(client, interview_id, "reconnecting")
        await bots.looked(3)
        async with plane.services.database.read() as tx:
            lease = await tx.session.get_one(LeaseRow, spec.attempt_id)
            assert (lease.holder, lease.busy) == (NOBODY, False), "another place may have room"
        bots.total = 1
        async with asyncio.timeout(HANG_S):
            while len(bots.specs) < 2:
                await asyncio.sleep(0.01)
        assert bots.specs[1].epoch == 2
        async with uplink(bots.specs[1]) as bot:
            await bot.event(1, "ended", reason="completed", report={})
            await until(client, interview_id, "completed")
        told = [event.data for event in await plane.services.interviews.events_after("acme", interview_id, 0)]
        assert [data["detail"] for data in told if data.get("code") == "bot_lost"] == ["incarnation 1: killed"]


async def test_a_call_for_whose_bot_there_is_never_room_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "ROOM_WITHIN_S", 0.5)
    bots = _Counting(total=1)
    async with running(tmp_path, bots) as plane:
        interview_id, _ = await _lost_in_its_call(plane, bots)
        body = await until(plane.client(), interview_id, "failed", "completed")
        assert (body["status"], body["status_reason"], len(bots.specs)) == ("failed", "no_capacity", 1)


async def test_a_call_that_waits_for_room_can_be_called_off(tmp_path: Path) -> None:
    bots = _Counting(total=1)
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, _ = await _lost_in_its_call(plane, bots)
        await until(client, interview_id, "reconnecting")
        assert (await client.post(f"/v1/interviews/{interview_id}/cancel")).status_code == 202
        body = await until(client, interview_id, "cancelled", "failed", "completed")
        assert (body["status"], body["status_reason"]) == ("cancelled", "cancelled")


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_start_in_a_lost_bot_s_place_that_fails_is_tried_again_unless_the_call_was_called_off(
    tmp_path: Path, stopped: bool
) -> None:
    bots = _FailsOnce()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
        bots.failing = True
        bots.end(LaunchHandle.of(spec), Exited(137, "killed"))
        async with asyncio.timeout(HANG_S):
            await bots.failed.wait()
        if stopped:
            assert (await client.post(f"/v1/interviews/{interview_id}/cancel")).status_code == 202
        bots.go_on.set()
        if stopped:
            await until(client, interview_id, "cancelled")
            return
        async with asyncio.timeout(HANG_S):
            while len(bots.specs) < 2:
                await asyncio.sleep(0.01)
        assert (bots.specs[1].attempt_id, bots.specs[1].epoch) == (spec.attempt_id, 3)
        assert (await _stands(plane, interview_id))[0] == "reconnecting"


async def test_what_was_handed_over_while_the_api_ends_is_left_to_others(tmp_path: Path) -> None:
    async with running(tmp_path, watch_every_s=HANG_S) as plane:
        _, spec = await plane.started(plane.client())
        _, other = await plane.started(plane.client())
        for each, code in ((spec, EXIT_HANDED_OVER), (other, 137)):  # heard, and not looked at any more
            plane.services.keeper._departed.append(Departure(LaunchHandle.of(each), Exited(code, "gone")))
        file = plane.services.settings.database.partition("///")[2]
    with contextlib.closing(sqlite3.connect(file)) as database:
        holders = dict(database.execute("SELECT attempt_id, holder FROM bot_lease"))
    assert (holders[spec.attempt_id] == NOBODY, holders[other.attempt_id] == NOBODY) == (True, False)


async def test_a_lost_bot_is_followed_while_another_call_is_written_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on, at_it = threading.Event(), threading.Event()

    def takes_its_time(*parts: object) -> None:
        at_it.set()
        going_on.wait(HANG_S)

    monkeypatch.setattr(writing_up, "gathered", takes_its_time)
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        over, first = await plane.started(client)
        _, spec = await plane.started(client)
        async with uplink(first) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            assert await asyncio.to_thread(at_it.wait, HANG_S)
        bots.end(LaunchHandle.of(spec), Exited(137, "killed"))
        async with asyncio.timeout(HANG_S / 2):
            while len(bots.specs) < 3:
                await asyncio.sleep(0.01)
        going_on.set()
        await until(client, over, "no_show")


async def test_bots_that_run_for_nobody_are_stopped(tmp_path: Path) -> None:
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        _, wanted = await plane.started(client)
        _, given_up = await plane.started(client)
        _, followed = await plane.started(client)
        delivering_id, delivering = await plane.started(client)
        async with uplink(delivering) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            await until(client, delivering_id, "no_show")
        await bots.start(wanted.model_copy(update={"attempt_id": "att_unknown"}))
        await bots.start(followed.model_copy(update={"epoch": 2}))
        async with plane.services.database.write() as tx:
            runs = RunRepository(tx.session)
            (await runs.both_for_change(followed.attempt_id))[1].epoch = 2
            _, attempt = await runs.both_for_change(given_up.attempt_id)
            attempt.ended_at = attempt.closed_at = datetime.now(UTC)
            attempt.end_reason = "launch_failed"
        async with asyncio.timeout(HANG_S):
            while len(bots.stopped) < 3:
                await asyncio.sleep(0.01)
        left = {(handle.attempt_id, handle.epoch) for handle in await bots.list()}
        assert left == {(wanted.attempt_id, 1), (followed.attempt_id, 2), (delivering.attempt_id, 1)}


async def test_a_bot_that_hangs_long_after_its_time_is_stopped_and_counts_as_crashed(tmp_path: Path) -> None:
    bots = _Counting()
    async with running(tmp_path, bots) as plane:
        interview_id, spec = await plane.started(plane.client())
        seconds = spec.limits.no_show_s + spec.limits.max_duration_s + 3600
        await _made(plane, spec, timedelta(seconds=seconds - 60))
    async with running(tmp_path, bots) as plane:
        await bots.looked(3)
        assert not bots.stopped
        await _made(plane, spec, timedelta(seconds=seconds + 60))
    async with running(tmp_path, bots) as plane:
        body = await until(plane.client(), interview_id, "failed", "cancelled")
        assert (body["status"], body["status_reason"]) == ("failed", "bot_crashed")
        assert bots.stopped


async def test_a_launcher_that_answers_nonsense_ends_nothing(tmp_path: Path) -> None:
    bots = _TalksNonsense()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            await until(client, interview_id, "no_show")
        assert bots.asked > 0


async def test_whoever_was_cut_off_from_the_database_lets_the_others_renew_first(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with running(tmp_path, lease_s=0.6) as plane:
        leases, now = plane.services.leases, datetime.now(UTC)
        lease = LeaseRow(attempt_id="a", epoch=1, holder="elsewhere", busy=False, expires_at=now - timedelta(hours=1))

        async def opened() -> float:
            async with asyncio.timeout(HANG_S):
                while not leases.open_to_us(lease, now):
                    await asyncio.sleep(0.01)
            return loop.time()

        await opened()
        leases._reached, began = loop.time() - 60, loop.time()
        assert not leases.open_to_us(lease, now)
        assert await opened() - began >= 0.6
        lease.holder = leases.place
        leases._reached = loop.time() - 60
        assert leases.open_to_us(lease, now), "its own are its own"


async def test_whoever_sees_the_database_s_clock_set_lets_the_others_renew_first(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with running(tmp_path, lease_s=0.6) as plane:
        leases, now = plane.services.leases, datetime.now(UTC)
        lease = LeaseRow(attempt_id="a", epoch=1, holder="elsewhere", busy=False, expires_at=now + timedelta(minutes=1))
        for moved in (timedelta(0), timedelta(hours=4), timedelta(hours=8)):
            async with asyncio.timeout(HANG_S):
                while not leases.open_to_us(lease, now + timedelta(hours=8)):
                    await asyncio.sleep(0.01)
            began = loop.time()
            leases._saw(now + moved)
            assert leases.open_to_us(lease, now + timedelta(hours=8)) is (not moved)
        async with asyncio.timeout(HANG_S):
            while not leases.open_to_us(lease, now + timedelta(hours=8)):
                await asyncio.sleep(0.01)
        assert loop.time() - began >= 0.6


@pytest.mark.parametrize("hours", [2, -2, 30, -30])
async def test_a_clock_that_is_set_in_the_middle_of_a_call_ends_and_loses_nothing(tmp_path: Path, hours: int) -> None:
    ahead = timedelta(0)
    bots = _Counting()
    async with running(tmp_path, bots, clock=lambda: datetime.now(UTC) + ahead) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            await bots.looked(3)  # by now one of its rounds has seen the attempt
            ahead = timedelta(hours=hours)
            await bots.looked(3)
            await bot.says(2, 1, "An answer.")
            await bot.acknowledged(2)
            assert (len(bots.specs), bots.stopped) == (1, [])
        bots.end(LaunchHandle.of(spec), Exited(137, "killed"))
        async with asyncio.timeout(HANG_S):
            while len(bots.specs) < 2:
                await asyncio.sleep(0.01)
        async with uplink(bots.specs[1]) as bot:
            ahead = timedelta(0)
            await bots.looked(3)
            await bot.event(1, "ended", reason="completed", report={})
            body = await until(client, interview_id, "completed")
        made_sure_of = [(LaunchHandle.of(spec), timedelta(0))]  # whoever is followed
        assert (body["turn_count"], len(bots.specs), bots.stopped) == (1, 2, made_sure_of)


class _Counting(MemoryLauncher):
    """Knows how often a keeper has looked."""

    looks = 0

    async def list(self) -> Sequence[LaunchHandle]:
        self.looks += 1
        return await MemoryLauncher.list(self)

    async def looked(self, times: int) -> None:
        """Return when it has so many times more."""
        wanted = self.looks + times
        async with asyncio.timeout(HANG_S):
            while self.looks < wanted:
                await asyncio.sleep(0.01)


class _LeavingHost(MemoryLauncher):
    """Answers until it is gone."""

    gone = False

    async def list(self) -> Sequence[LaunchHandle]:
        return await (AbsentHost().list() if self.gone else MemoryLauncher.list(self))


class _TalksNonsense(MemoryLauncher):
    """Lists something that is no list of handles."""

    asked = 0

    async def list(self) -> Sequence[LaunchHandle]:
        self.asked += 1
        raise ValueError("not a handle")

    async def capacity(self) -> Capacity:
        return Capacity(total=8, free=8)


class _FailsOnce(MemoryLauncher):
    """Starts nothing once, and takes its time over it."""

    def __init__(self) -> None:
        super().__init__()
        self.failing, self.failed, self.go_on = False, asyncio.Event(), asyncio.Event()

    async def start(self, spec: BotSpec) -> LaunchHandle:
        if self.failing:
            self.failing = False
            self.failed.set()
            await self.go_on.wait()
            return await AbsentHost().start(spec)
        return await MemoryLauncher.start(self, spec)


class _SlowlyFails(SlowLauncher):
    """Takes its time, and then nobody answers."""

    async def start(self, spec: BotSpec) -> LaunchHandle:
        await asyncio.sleep(self.delay_s)
        return await AbsentHost().start(spec)


async def _made(plane: Plane, spec: BotSpec, ago: timedelta) -> None:
    """Have it that an attempt began so long ago."""
    async with plane.services.database.write() as tx:
        _, attempt = await RunRepository(tx.session).both_for_change(spec.attempt_id)
        attempt.created_at = datetime.now(UTC) - ago


async def _stands(plane: Plane, interview_id: str) -> tuple[str, str | None]:
    async with plane.services.database.read() as tx:
        interview = await RunRepository(tx.session).interview(interview_id)
    assert interview is not None
    return interview.status, interview.status_reason


async def _start(plane: Plane, interview_id: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        client = plane.client()
        stack.push_async_callback(client.aclose)
        await client.post(f"/v1/interviews/{interview_id}/start", timeout=30)

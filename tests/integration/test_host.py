"""The bot host as an operating system sees it: real forks, real signals, real deaths."""

import asyncio
import json
import os
import signal
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from bot.state import EXIT_HANDED_OVER
from orchestrator import Departure, Exited, LaunchHandle, Lost, Running, wire
from orchestrator.errors import CapacityError, LaunchError
from tests.guards import HANG_S
from tests.running_host import GRACE, RunningHost, answering, gone, running_host, spec_of, start_host, written

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES = 20  # more than bots are lost in these tests: the places of lost ones are kept for a while


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHost]:
    async with running_host(tmp_path_factory.mktemp("host"), max_bots=str(PLACES)) as host:
        yield host


@pytest_asyncio.fixture(loop_scope="module")
async def host(standing: RunningHost) -> AsyncIterator[RunningHost]:
    """A host that outlives the test; its bots don't. Whoever ends a host has one of their own."""
    yield standing
    await standing.emptied()


async def pid_of(host: RunningHost, handle: LaunchHandle) -> int:
    status = await host.launcher.poll(handle)
    assert isinstance(status, Running) and status.pid is not None
    return status.pid


async def test_a_bot_is_cut_off_from_its_host_but_for_its_spec(host: RunningHost, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, attempt=tmp_path.name)
    handle = await host.launcher.start(spec)
    seen = json.loads((await written(spec.outbox)).read_text())
    assert seen["token"] == "room-secret"
    assert seen["parent"] == host.process.pid
    assert seen["session"] == seen["pid"] == await pid_of(host, handle)
    assert seen["threads"] == 1
    inherited = [os.readlink(f"/proc/{seen['pid']}/fd/{number}") for number in (0, 1, 2)]
    log = str(host.data_dir / "run" / "logs" / f"{tmp_path.name}-1.log")
    assert inherited == [os.devnull, log, log]
    # besides the standard streams: the bot's own epoll, wake-up pair and the listing itself
    assert len(seen["descriptors"]) <= 7
    assert b"room-secret" not in Path(f"/proc/{seen['pid']}/cmdline").read_bytes()


async def test_the_socket_is_for_its_owner_alone(host: RunningHost) -> None:
    assert stat.S_IMODE((host.data_dir / "run" / "bots.sock").stat().st_mode) == 0o600


async def test_what_a_bot_writes_is_for_its_owner_alone(host: RunningHost, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "Brief 0", attempt=tmp_path.name)
    await gone(host.launcher, await host.launcher.start(spec))
    assert stat.S_IMODE(spec.outbox.stat().st_mode) == 0o600


async def test_a_bot_that_does_not_leave_is_killed_after_its_grace(host: RunningHost, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "Stubborn", attempt=tmp_path.name)
    handle = await host.launcher.start(spec)
    await written(spec.outbox.with_suffix(".listening"))
    await host.launcher.stop(handle, grace=timedelta(seconds=0.2))
    assert await gone(host.launcher, handle) == Exited(137, "killed by SIGKILL", asked=True)


@pytest.mark.parametrize(
    ("behaviour", "ending"),
    [
        ("Brief 0", Exited(0, "finished")),
        ("Brief 75", Exited(75, "exit status 75")),
        ("Broken", Exited(70, "exit status 70")),
    ],
)
async def test_how_a_bot_ended_can_be_asked_later(
    host: RunningHost, tmp_path: Path, behaviour: str, ending: Exited
) -> None:
    handle = await host.launcher.start(spec_of(tmp_path, behaviour, attempt=tmp_path.name))
    assert await gone(host.launcher, handle) == ending


async def test_the_traceback_of_a_broken_bot_is_in_its_log(host: RunningHost, tmp_path: Path) -> None:
    handle = await host.launcher.start(spec_of(tmp_path, "Broken", attempt="../at 1"))
    await gone(host.launcher, handle)
    log = host.data_dir / "run" / "logs" / "___at_1-1.log"
    assert "RuntimeError: the codec is upset" in log.read_text()


async def test_a_killed_bot_is_told_of_and_its_place_is_free(host: RunningHost, tmp_path: Path) -> None:
    handle = await host.launcher.start(spec_of(tmp_path, attempt=tmp_path.name))
    seen: list[Departure] = []

    async def watch() -> None:
        async for departure in host.launcher.departures():
            seen.append(departure)
            return

    async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(watch())
        await asyncio.sleep(0.1)
        os.kill(await pid_of(host, handle), signal.SIGKILL)
    assert seen == [Departure(handle, Exited(137, "killed by SIGKILL"))]
    assert (await host.launcher.capacity()).free == PLACES


async def test_no_bot_outlives_a_host_that_is_killed(tmp_path: Path) -> None:
    async with running_host(tmp_path) as host:
        handles = [await host.launcher.start(spec_of(tmp_path, "Stubborn", attempt=f"at_{n}")) for n in range(2)]
        pids = [await pid_of(host, handle) for handle in handles]
        host.process.kill()
        await host.process.wait()
        async with asyncio.timeout(HANG_S):
            while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
                await asyncio.sleep(0.01)
        with pytest.raises(LaunchError):
            await host.launcher.list()


async def test_a_host_that_is_started_again_takes_over_the_socket_and_knows_nothing(tmp_path: Path) -> None:
    async with running_host(tmp_path) as killed:
        launcher = killed.launcher
        handle = await launcher.start(spec_of(tmp_path))
        departures = launcher.departures()
        killed.process.kill()
        await killed.process.wait()
        async with running_host(tmp_path) as host:
            assert isinstance(await launcher.poll(handle), Lost)
            # one subscription lives through the restart
            async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
                next_one = tasks.create_task(anext(departures))
                await asyncio.sleep(0.5)
                again = await launcher.start(spec_of(tmp_path, "Brief 0", epoch=2))
            assert next_one.result() == Departure(again, Exited(0, "finished"))
            await departures.aclose()
        assert host.process.returncode == 0


async def test_a_host_that_is_told_to_stop_lets_its_bots_leave(tmp_path: Path) -> None:
    async with running_host(tmp_path) as host:
        spec = spec_of(tmp_path)
        pid = await pid_of(host, await host.launcher.start(spec))
        await written(spec.outbox.with_suffix(".listening"))
        host.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(host.process.wait(), HANG_S) == 0
        assert not psutil.pid_exists(pid)
        assert not (tmp_path / "run" / "bots.sock").exists()


async def test_whoever_watches_a_host_that_stops_hears_of_every_bot_that_it_was_asked_to_leave(tmp_path: Path) -> None:
    async with running_host(tmp_path) as host:
        specs = [spec_of(tmp_path, attempt=f"at_{number}") for number in range(3)]
        handles = [await host.launcher.start(spec) for spec in specs]
        for spec in specs:
            await written(spec.outbox.with_suffix(".listening"))
        departures = host.launcher.departures()
        async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
            first = tasks.create_task(anext(departures))
            await asyncio.sleep(0.1)
            host.process.send_signal(signal.SIGINT)
            seen = [await first, await anext(departures), await anext(departures)]
        await departures.aclose()
        assert sorted(departure.handle for departure in seen) == sorted(handles)
        assert all(departure.status.asked for departure in seen)


async def test_a_host_that_stops_hangs_up_on_watchers_without_a_crash_in_its_log(tmp_path: Path) -> None:
    process = await start_host(tmp_path, entry="tests.fakes.payload:prepare", max_bots="1")
    launcher = RunningHost(tmp_path, process).launcher
    await answering(launcher)
    reader, writer = await asyncio.open_unix_connection(tmp_path / "run" / "bots.sock")
    writer.write(wire.pack({"do": "watch"}))
    assert "ok" in wire.unpack(await reader.readline())
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(process.communicate(), HANG_S)
    assert process.returncode == 0 and "Traceback" not in said.decode()
    assert await reader.read() == b""
    writer.close()


async def test_a_host_that_is_replaced_has_its_bots_hand_over(tmp_path: Path) -> None:
    async with running_host(tmp_path) as host:
        told, left = spec_of(tmp_path, attempt="at_told"), spec_of(tmp_path, attempt="at_left")
        handles = [await host.launcher.start(spec) for spec in (told, left)]
        for spec in (told, left):
            await written(spec.outbox.with_suffix(".listening"))
        departures = host.launcher.departures()
        async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
            first = tasks.create_task(anext(departures))
            await asyncio.sleep(0.1)
            host.process.send_signal(signal.SIGTERM)
            seen = [await first, await anext(departures)]
        await departures.aclose()
        assert sorted(departure.handle for departure in seen) == sorted(handles)
        assert {(departure.status.code, departure.status.asked) for departure in seen} == {(EXIT_HANDED_OVER, False)}


async def test_nothing_starts_on_a_host_that_is_stopping(tmp_path: Path) -> None:
    async with running_host(tmp_path) as host:
        spec = spec_of(tmp_path, "Stubborn")
        await host.launcher.start(spec)
        await written(spec.outbox.with_suffix(".listening"))
        host.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(HANG_S):
            while not (await host.launcher.capacity()).draining:
                await asyncio.sleep(0.01)
        with pytest.raises(LaunchError, match=r"shutting down|broke off") as refused:  # or gone by now
            await host.launcher.start(spec_of(tmp_path, attempt="at_2"))
        assert not isinstance(refused.value, CapacityError)
        host.process.kill()


async def test_a_bot_whose_media_stands_still_is_killed_within_ten_seconds_and_no_other(
    host: RunningHost, tmp_path: Path
) -> None:
    stopped, wedged, well = [
        await host.launcher.start(spec_of(tmp_path, behaviour, attempt=f"at_{behaviour.lower()}"))
        for behaviour in ("Stopped", "Wedged", "Polite")
    ]
    began = asyncio.get_running_loop().time()
    for handle in (stopped, wedged):
        ended = await gone(host.launcher, handle)
        assert isinstance(ended, Exited) and (ended.code, ended.asked) == (137, False)
        assert ended.reason.startswith("its media stood still for ")
    assert asyncio.get_running_loop().time() - began < 10
    assert list(await host.launcher.list()) == [well]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"not json\n", "not JSON"),
        (b"[]\n", "expected an object"),
        (b'{"do":"dance"}\n', "nothing to do"),
        (b'{"do":"poll","handle":{"attempt_id":"a"}}\n', "a handle has"),
        (b'{"do":"start","spec":{"interview_id":"iv_1"}}\n', "attempt_id"),
    ],
)
async def test_a_bad_line_is_answered_and_the_host_lives_on(host: RunningHost, line: bytes, words: str) -> None:
    reader, writer = await asyncio.open_unix_connection(host.data_dir / "run" / "bots.sock")
    writer.write(line + wire.pack({"do": "capacity"}))
    assert words in wire.unpack(await reader.readline())["error"]["detail"]
    assert wire.unpack(await reader.readline())["ok"]["total"] == PLACES
    writer.close()
    await answering(host.launcher)


@pytest.mark.parametrize(
    ("entry", "max_bots", "words"),
    [
        ("tests.fakes.payload:prepare_with_a_part_missing", "3", "No module named 'aiortc'"),
        ("tests.fakes.nowhere:prepare", "3", "tests.fakes.nowhere"),
        ("tests.fakes.payload:prepare", "0", "MAX_BOTS=0: give a whole number from 1 on"),
        ("tests.fakes.payload:prepare", "many", "MAX_BOTS=many: give a whole number from 1 on"),
    ],
)
async def test_what_can_never_work_is_said_once_and_not_tried_again(
    tmp_path: Path, entry: str, max_bots: str, words: str
) -> None:
    process = await start_host(tmp_path, entry=entry, max_bots=max_bots)
    _, said = await asyncio.wait_for(process.communicate(), HANG_S)
    assert process.returncode == 78
    assert words in said.decode() and "Traceback" not in said.decode()


async def test_a_bot_that_is_stopped_twice_keeps_the_earlier_deadline(host: RunningHost, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "Stubborn", attempt=tmp_path.name)
    handle = await host.launcher.start(spec)
    await written(spec.outbox.with_suffix(".listening"))
    await host.launcher.stop(handle, grace=timedelta(seconds=0.3))
    await host.launcher.stop(handle, grace=GRACE * 10)
    assert await gone(host.launcher, handle) == Exited(137, "killed by SIGKILL", asked=True)

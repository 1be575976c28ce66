"""Recordings in a bucket, as users and machines that only run bots see it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.interviews.porter import Porter
from api.interviews.repository import RunRepository
from api.moments import utc_now
from bot.uplink import Outbox
from orchestrator import Exited, LaunchHandle
from orchestrator.porter import carry
from orchestrator.storage import ARRIVED, OUTBOX, RECORDINGS, Storage, open_storage
from tests.fakes.launcher import MemoryLauncher
from tests.guards import HANG_S
from tests.integration.plane import Plane, running, until, uplink
from tests.running_host import running_host, spec_of, written
from tests.running_s3 import new_bucket, running_s3
from tests.unit.audio.test_parts import heard, pitch, recorded

SOUND = bytes(range(256)) * 400


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    with running_s3() as env:
        yield env


@pytest.fixture
def bucket(s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    return new_bucket(s3)


@pytest.fixture
async def plane(bucket: str, tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path / "plane", storage_url=bucket, rate_per_minute=0) as plane:
        yield plane


@pytest.fixture
def storage(bucket: str, tmp_path: Path) -> Storage:
    return open_storage(bucket, tmp_path)


async def test_a_recording_moves_to_the_bucket_and_is_heard_from_there(plane: Plane, storage: Storage) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    assert spec.recording is not None
    spec.recording.write_bytes(SOUND)
    digest = hashlib.sha256(SOUND).hexdigest()
    async with uplink(spec) as bot:
        await bot.event(1, "recording", file=spec.recording.name, bytes=len(SOUND), sha256=digest, duration_ms=800)
        await bot.event(2, "ended", reason="no_show", report={})
        await until(client, interview_id, "no_show")
    async with asyncio.timeout(HANG_S):
        while spec.recording.exists():
            await asyncio.sleep(0.01)
    path = f"/v1/interviews/{interview_id}/recording"
    whole = await client.get(path)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, SOUND, "audio/ogg")
    part = await client.get(path, headers={"Range": "bytes=1000-1999", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, SOUND[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(SOUND)}"
    assert (await client.get(path, headers={"Range": "bytes=-16"})).content == SOUND[-16:]
    assert (await client.get(path, headers={"Range": "bytes=0-9", "If-Range": '"other"'})).content == SOUND
    beyond = await client.get(path, headers={"Range": f"bytes={len(SOUND)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(SOUND)}")
    assert (await plane.client("globex").get(path)).status_code == 404
    assert (await plane.client("acme", "interview:read").get(path)).status_code == 403


async def test_what_bots_left_on_another_machine_becomes_one_recording(
    plane: Plane, storage: Storage, tmp_path: Path
) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.acknowledged(1)
    plane.launcher.end(LaunchHandle.of(spec), Exited(137, "killed"))
    async with asyncio.timeout(HANG_S):
        while (successor := plane.spec_of(interview_id)).epoch == 1:
            await asyncio.sleep(0.01)
    one, two = tmp_path / "one", tmp_path / "two"
    for machine in (one, two):
        (machine / "outbox").mkdir(parents=True)
        (machine / "recordings").mkdir()
    recorded(one / "recordings" / f"{spec.attempt_id}.ogg", start_ms=0, hertz=440, ms=2000)
    recorded(two / "recordings" / f"{spec.attempt_id}-2.ogg", start_ms=5000, hertz=880, ms=2000)
    async with running_host(one) as host:
        busy = spec_of(tmp_path, attempt="at_9").model_copy(update={"outbox": one / "outbox" / "at_9-1.jsonl"})
        await host.launcher.start(busy)
        await written(busy.outbox)
        assert await carry(storage, host.launcher, one) == 1, "a bot that runs keeps its files"
        assert await carry(storage, host.launcher, two) == 1
    assert len(await storage.names(ARRIVED)) == 2, "the call is not over"
    async with uplink(successor) as bot:
        await bot.event(1, "ended", reason="no_show", report={})
        await until(client, interview_id, "no_show")
    async with asyncio.timeout(HANG_S):
        while await storage.names(ARRIVED):
            await asyncio.sleep(0.01)
    answer = await client.get(f"/v1/interviews/{interview_id}/recording")
    assert answer.status_code == 200
    (here := tmp_path / "here.ogg").write_bytes(answer.content)
    body = (await client.get(f"/v1/interviews/{interview_id}")).json()
    assert body["recording"]["bytes"] == len(answer.content)
    assert 6900 <= body["recording"]["duration_ms"] <= 7100, "what lay between them is silence"
    assert (pitch(heard(here), 0.5, 1.5), pitch(heard(here), 5.5, 6.5)) == (440, 880)


async def test_an_outbox_that_is_handed_over_is_stored(plane: Plane, storage: Storage, tmp_path: Path) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
    left = Outbox(tmp_path / "left")
    for event, data in (("state", {"state": "in_call"}), ("ended", {"reason": "no_show", "report": {}})):
        left.add({"type": "event", "at": "2026-11-22T05:00:00.000Z", "at_ms": 5, "event": event, "data": data})
    await storage.put(f"{OUTBOX}{spec.outbox.name}", tmp_path / "left")
    plane.launcher.end(LaunchHandle.of(spec), Exited(0, "finished"))
    await until(client, interview_id, "no_show")
    assert await storage.names(OUTBOX) == []


async def test_an_outbox_stays_in_the_bucket_until_it_is_stored(bucket: str, storage: Storage, tmp_path: Path) -> None:
    bots, settings = MemoryLauncher(), {"storage_url": bucket, "rate_per_minute": 0}
    async with running(tmp_path / "one", bots, **settings) as plane:
        _, spec = await plane.started(plane.client())
        left = Outbox(tmp_path / "left")
        left.add({"type": "event", "at": "2026-11-22T05:00:00.000Z", "event": "state", "data": {"state": "in_call"}})
        await storage.put(f"{OUTBOX}{spec.outbox.name}", tmp_path / "left")
        async with asyncio.timeout(HANG_S):  # brought, and not stored: its bot may be running
            while not spec.outbox.exists():
                await asyncio.sleep(0.01)
        assert await storage.names(OUTBOX) == [spec.outbox.name]
    spec.outbox.unlink()  # with the disk it lay on
    async with running(tmp_path / "one", bots, **settings) as plane:
        bots.end(LaunchHandle.of(spec), Exited(137, "killed"))
        async with asyncio.timeout(HANG_S):
            while await storage.names(OUTBOX):
                await asyncio.sleep(0.01)
        async with plane.services.database.read() as tx:
            stored = await RunRepository(tx.session).events(spec.attempt_id, ["state"])
        assert [event.data["state"] for event in stored] == ["in_call"]


async def test_what_has_no_note_any_more_is_swept_from_the_bucket(plane: Plane, storage: Storage) -> None:
    _, spec = await plane.started(plane.client())
    for name in ("at_gone.ogg", "at_gone-2.ogg", f"{spec.attempt_id}.ogg"):
        await storage.mark(RECORDINGS + name)
    settings, database, receipts = plane.services.settings, plane.services.database, plane.services.receipts
    folders = settings.recordings_dir, settings.outbox_dir
    await Porter(database, storage, receipts, *folders, 1.0, utc_now).sweep()
    assert len(await storage.names(RECORDINGS)) == 3, "young files may not be noted yet"
    await Porter(database, storage, receipts, *folders, 1.0, lambda: utc_now() + timedelta(hours=1)).sweep()
    assert await storage.names(RECORDINGS) == [f"{spec.attempt_id}.ogg"], "its call goes on"

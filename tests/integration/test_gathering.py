"""Recordings of calls that several bots held: whatever breaks off in between, what was recorded can be heard."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import httpx

from api.interviews.dispatch import recording_path, whole_path
from api.interviews.leftovers import gathered
from bot.spec import BotSpec
from orchestrator import Exited, LaunchHandle
from tests.guards import HANG_S
from tests.integration.plane import Plane, running, until, uplink
from tests.unit.audio.test_parts import heard, pitch, recorded


async def _recorded_by_two(plane: Plane, client: httpx.AsyncClient) -> tuple[str, BotSpec, BotSpec]:
    """Return an interview whose first bot was lost, and both of its bots; each has recorded two seconds."""
    interview_id, first = await plane.started(client)
    async with uplink(first) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.says(2, 1, "An answer.")
        await bot.acknowledged(2)
    plane.launcher.end(LaunchHandle.of(first), Exited(137, "killed"))
    async with asyncio.timeout(HANG_S):
        while (second := plane.spec_of(interview_id)).epoch == 1:
            await asyncio.sleep(0.01)
    assert first.recording is not None and second.recording is not None
    recorded(first.recording, start_ms=0, hertz=440, ms=2000)
    recorded(second.recording, start_ms=5000, hertz=880, ms=2000)
    return interview_id, first, second


async def _pitches(client: httpx.AsyncClient, interview_id: str, into: Path) -> tuple[int, int]:
    """Return what is heard in the first and the last second; what the interview says of its recording is true."""
    answer = await client.get(f"/v1/interviews/{interview_id}/recording")
    assert answer.status_code == 200, answer.text
    into.write_bytes(answer.content)
    said = (await client.get(f"/v1/interviews/{interview_id}")).json()["recording"]
    assert said["bytes"] == len(answer.content) and 6900 <= said["duration_ms"] <= 7100
    return pitch(heard(into), 0.5, 1.5), pitch(heard(into), 5.5, 6.5)


async def test_a_recording_is_had_whose_parts_were_joined_by_a_process_that_did_not_live_to_note_it(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, _, second = await _recorded_by_two(plane, client)
        assert second.recording is not None
        folder, sound = second.recording.parent, second.recording.read_bytes()
        told: dict[str, Any] = {"file": second.recording.name, "bytes": len(sound), "duration_ms": 7000}
        gathered([recording_path(folder, second.attempt_id, n) for n in (1, 2)], whole_path(folder, second.attempt_id))
        async with uplink(second) as bot:
            await bot.event(1, "recording", **told, sha256=hashlib.sha256(sound).hexdigest())
            await bot.event(2, "ended", reason="completed", report={})
            await until(client, interview_id, "completed")
        assert await _pitches(client, interview_id, tmp_path / "here.ogg") == (440, 880)


async def test_a_recording_is_had_after_a_rejoin_whose_bot_recorded_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, _, second = await _recorded_by_two(plane, client)
        await _fails(plane, client, second)
        assert await _pitches(client, interview_id, tmp_path / "here.ogg") == (440, 880)
        assert (await client.post(f"/v1/interviews/{interview_id}/rejoin")).status_code == 202
        await _fails(plane, client, plane.spec_of(interview_id))
        assert await _pitches(client, interview_id, tmp_path / "here.ogg") == (440, 880)


async def _fails(plane: Plane, client: httpx.AsyncClient, spec: BotSpec) -> None:
    async with uplink(spec) as bot:
        await bot.event(1, "ended", reason="speech_unavailable", report={})
        await until(client, spec.interview_id, "failed")
    plane.launcher.end(LaunchHandle.of(spec), Exited(0, "finished"))

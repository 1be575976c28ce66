"""`vivavoce node`: a machine that runs bots for control planes elsewhere."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from orchestrator.launchers.process import ProcessLauncher
from orchestrator.storage import OUTBOX, open_storage
from tests.guards import HANG_S
from tests.running_host import spec_of, written
from tests.running_s3 import new_bucket, running_s3

SPEECH = {"STT_URL": "http://127.0.0.1:9/v1", "STT_MODEL": "m", "TTS_URL": "http://127.0.0.1:9/v1"}


async def test_a_node_runs_bots_and_carries_what_they_leave_until_it_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_s3() as s3:
        for name, value in s3.items():
            monkeypatch.setenv(name, value)
        bucket = new_bucket(s3)
        settings = {"STORAGE_URL": bucket, "MAX_BOTS": "2", "BOT_ENTRY": "tests.fakes.payload:prepare"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "api.cli", "node", "--data-dir", str(tmp_path)),
            env={**os.environ, **SPEECH, **settings},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        launcher = ProcessLauncher(tmp_path)
        try:
            async with asyncio.timeout(HANG_S):
                while not (line := await process.stdout.readline()).startswith(b"ready"):
                    assert line, "it ended"
                assert (await launcher.capacity()).total == 2
                (tmp_path / "outbox").mkdir(exist_ok=True)
                spec = spec_of(tmp_path, attempt="at_1").model_copy(
                    update={"outbox": tmp_path / "outbox" / "at_1-1.jsonl"}
                )
                storage = open_storage(bucket, tmp_path)
                async with launcher.tethered(spec) as handle:
                    await written(spec.outbox.with_suffix(".listening"))
                    assert list(await launcher.list()) == [handle]
                    assert await storage.names(OUTBOX) == [], "its bot runs"
                while await storage.names(OUTBOX) != ["at_1-1.jsonl"]:  # let go, it left its call
                    await asyncio.sleep(0.02)
                assert list(await launcher.list()) == []
        finally:
            process.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(process.wait(), HANG_S)
        assert code == 0

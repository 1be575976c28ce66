"""Every part of a real server says what it holds, under a soak's eyes, and works as before."""

import os
from pathlib import Path

from tests.chaos.vitals import INSIDE, Watched, watched
from tests.integration.test_serve import NO_SPEECH, serving
from tests.running_host import ROOT


async def test_each_part_and_each_bot_says_what_it_holds(tmp_path: Path) -> None:
    async with watched() as (env, told):
        with serving(tmp_path / "data", {**NO_SPEECH, **env, "PYTHONPATH": f"{INSIDE}{os.pathsep}{ROOT}"}) as serve:
            parts = Watched(serve.process.pid, told)
            await parts.look(bots=True)
            assert parts.seen == {}
            serve.start_bot()
            await parts.look(bots=True)
            await parts.look(bots=False)
            assert set(parts.seen) == {"api.cli", "api", "orchestrator.host", "bot"}
            for [vitals] in parts.seen.values():
                assert vitals.memory_mb > 1
                assert min(vitals.descriptors, vitals.threads, vitals.tasks) >= 1

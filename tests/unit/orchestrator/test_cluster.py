"""What the door to a cluster refuses before it opens, and what it makes of an actor that dies while it is asked."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from orchestrator import Exited, LaunchHandle, Running, wire
from orchestrator.errors import LaunchError
from orchestrator.roster import View

pytest.importorskip("ray", reason="Ray is not installed: pip install 'vivavoce[ray]'")

HANDLE = LaunchHandle("iv_1", "at_1", 1)


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"RAY_AUTH_MODE": "disabled"}, "RAY_AUTH_MODE"),
        ({"RAY_AUTH_MODE": "token", "PENDING_S": "soon"}, "PENDING_S=soon"),
    ],
)
def test_a_setting_that_can_not_work_is_told_by_name(tmp_path: Path, env: dict[str, str], words: str) -> None:
    command = [sys.executable, "-m", "orchestrator.cluster", "--socket", str(tmp_path / "bots.sock")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.strip().splitlines()[-1][: len(words)]) == (78, words)


@pytest.mark.parametrize("ends", [True, False])
async def test_a_bot_that_ends_while_it_is_told_to_leave_is_no_error(ends: bool) -> None:
    from orchestrator.cluster import Cluster

    class Dying(Cluster):
        """Its bot's actor is found, and dies when it is asked."""

        found = False

        async def _ask(self, ask: Any, *arguments: Any) -> Any:
            if not self.found:
                self.found = True
                return object()
            if ends:
                self._view.known[str(HANDLE)] = wire.pack_status(Exited(0, "finished"))
            raise LaunchError("the actor died")

    cluster = Dying("auto", patience_s=1, most_waiting=0)
    cluster._view = View(time.monotonic(), {str(HANDLE)}, {str(HANDLE): wire.pack_status(Running(7))}, 1)
    with contextlib.nullcontext() if ends else pytest.raises(LaunchError, match="died"):
        await cluster.stop(HANDLE, 0.0)

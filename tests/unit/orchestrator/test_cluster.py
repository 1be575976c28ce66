"""What the door to a cluster refuses before it opens."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'vivavoce[ray]'")


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

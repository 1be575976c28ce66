"""What is logged on a full disk is lost, and nobody fails for it; what is logged of a bot names it in one way."""

import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from api.serving import part_logs
from orchestrator.logs import configure_logs

ROOT = Path(__file__).parents[3]
FULL = Path("/dev/full")  # takes nothing: "No space left on device"


@pytest.fixture
def full_stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = structlog.get_config()
    sink = FULL.open("w", buffering=1)
    monkeypatch.setattr("sys.stderr", sink)
    try:
        with pytest.raises(OSError):
            sink.write("a line\n")
        yield
    finally:
        structlog.configure(**before)
        with contextlib.suppress(OSError):
            sink.close()


@pytest.mark.usefixtures("full_stderr")
def test_a_line_of_ones_own_fails_nobody() -> None:
    configure_logs()
    structlog.get_logger("a part").error("disk_full")


@pytest.mark.usefixtures("full_stderr")
def test_a_line_of_a_part_fails_nobody_and_those_of_others_are_kept(tmp_path: Path) -> None:
    (tmp_path / "api.log").symlink_to(FULL)
    with part_logs(tmp_path, echo=True) as wrote:
        wrote("api", "lost")
        wrote("speech", "kept")
    assert (tmp_path / "speech.log").read_text() == "kept\n"


@pytest.mark.parametrize("package", ["api", "audio", "bot", "orchestrator"])
def test_lines_say_interview_and_attempt_and_nothing_else_for_it(package: str) -> None:
    """So that one query finds every line about a call, whoever wrote it."""
    for file in (ROOT / package).rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith(("log.", "_log.")):
                others = {word.arg for word in call.keywords} & {"interview_id", "attempt_id", "bot"}
                assert not others, f"{file}:{call.lineno}"

"""How bots end in words, how many fit, and what is remembered of them."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from orchestrator import Departure, Exited
from orchestrator.errors import CapacityError, LaunchError, UnknownLauncher
from orchestrator.host import BOT_MB, BOTS_PER_CORE, places
from orchestrator.launchers import load_launcher
from orchestrator.launchers.process import ProcessLauncher
from orchestrator.table import KEPT_S, BotTable, ending
from tests.running_host import spec_of


@pytest.mark.parametrize(
    ("code", "exited"),
    [
        (0, Exited(0, "finished")),
        (3, Exited(3, "exit status 3")),
        (-signal.SIGKILL, Exited(137, "killed by SIGKILL")),
        (-signal.SIGSEGV, Exited(139, "killed by SIGSEGV")),
    ],
)
def test_an_ending_has_a_shells_code_and_a_reason(code: int, exited: Exited) -> None:
    assert ending(code) == exited


def test_max_bots_sets_the_number_of_places() -> None:
    assert places("17") == 17


@pytest.mark.parametrize("setting", ["0", "-1", "x", ""])
def test_a_number_of_places_that_makes_no_sense_is_refused(setting: str) -> None:
    with pytest.raises(ValueError):
        places(setting)


def test_places_follow_cores_and_memory() -> None:
    cores = psutil.cpu_count() or 1
    assert 1 <= places(None) <= cores * BOTS_PER_CORE
    assert places(None) * BOT_MB * 2**20 <= psutil.virtual_memory().total


async def test_a_fork_that_fails_takes_no_place(tmp_path: Path) -> None:
    def out_of_processes(spec: object, log_file: Path, pulse: object) -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    seen: list[Departure] = []
    table = BotTable(fork=out_of_processes, total=1, log_dir=tmp_path, departed=seen.append)
    for _ in range(2):
        with pytest.raises(LaunchError, match="Resource temporarily unavailable"):
            table.start(spec_of(tmp_path))
    assert table.capacity().free == 1
    assert table.list() == () and seen == []


@pytest.mark.parametrize(("code", "kept"), [(-signal.SIGKILL, True), (1, True), (0, False)])
async def test_the_place_of_a_lost_bot_is_its_successors_for_a_while(tmp_path: Path, code: int, kept: bool) -> None:
    def ends(spec: object, log_file: Path, pulse: object) -> int:
        if (pid := os.fork()) == 0:
            if code < 0:
                signal.raise_signal(signal.Signals(-code))
            os._exit(code)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        return pid

    def in_vain() -> bool:
        try:
            table.start(spec_of(tmp_path, attempt="at_newcomer"))
        except CapacityError:
            return True
        return False

    table = BotTable(fork=ends, total=1, log_dir=tmp_path, departed=lambda departure: None)
    table.start(spec_of(tmp_path))
    table.reap()
    assert in_vain() is kept
    table.reap()
    if kept:
        assert table.start(spec_of(tmp_path, epoch=2)).epoch == 2
        table.reap()
        await asyncio.sleep(KEPT_S + 1)
        assert not in_vain(), "nobody came for it"


def test_a_launcher_is_found_by_name(tmp_path: Path) -> None:
    assert isinstance(load_launcher("process", tmp_path), ProcessLauncher)


def test_an_unknown_launcher_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownLauncher, match=r"no launcher 'docker'; LAUNCHER is one of .*process"):
        load_launcher("docker", tmp_path)

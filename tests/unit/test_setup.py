"""`scripts/setup`, which `make` runs, on machines that differ in what a user may do and what can be had."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "scripts" / "setup"
ROOT, USER = 0, 1000


class Machine:
    """A PATH with nothing on it but the shell's needs and what a test adds."""

    def __init__(self, folder: Path, uid: int) -> None:
        self._bin = folder / "bin"
        self._bin.mkdir()
        for name in ("bash", "dirname", "env", "mkdir", "rm", "touch"):
            (self._bin / name).symlink_to(shutil.which(name) or name)
        self.add("id", f"echo {uid}")

    def add(self, name: str, does: str) -> None:
        """Put a program there."""
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def set_up_voices(self) -> tuple[int, str]:
        """Return the exit status and what was said."""
        return self._set_up(SETUP, "voices")

    def set_up_dev(self, *, python: str) -> tuple[int, str]:
        """The same for what tests need, in a project of its own whose interpreter does what `python` says."""
        project = self._bin.parent / "project"
        scripts, programs = project / "scripts", project / ".venv" / "bin"
        for folder in (scripts, programs):
            folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(SETUP, scripts)
        (programs / "python").write_text(f"#!/bin/sh\n{python}\n")
        (programs / "python").chmod(0o755)
        return self._set_up(scripts / "setup", "dev")

    def _set_up(self, script: Path, what: str) -> tuple[int, str]:
        done = subprocess.run(
            [str(script), what], env={"PATH": str(self._bin)}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    @property
    def apt(self) -> str:
        """A package manager that installs what it is told to install."""
        return f'case "$*" in install*espeak-ng) touch {self._bin}/espeak-ng ;; esac'

    def has(self, name: str) -> bool:
        """Whether it is installed."""
        return os.path.exists(self._bin / name)


@pytest.mark.parametrize("uid", [ROOT, USER])
def test_espeak_is_installed_by_whoever_may(tmp_path: Path, uid: int) -> None:
    machine = Machine(tmp_path, uid)
    machine.add("apt-get", machine.apt)
    if uid == USER:
        machine.add("sudo", '[ "$1" = -n ] && shift; exec "$@"')
        machine.add("true", "exit 0")
    code, said = machine.set_up_voices()
    assert (code, said) == (0, "setup: installing espeak-ng\n")
    assert machine.has("espeak-ng")


def test_who_may_not_is_told_and_goes_on(tmp_path: Path) -> None:
    machine = Machine(tmp_path, USER)
    machine.add("apt-get", machine.apt)
    machine.add("sudo", "exit 1")  # it would ask for a password
    code, said = machine.set_up_voices()
    assert code == 0
    assert "sudo apt-get install espeak-ng" in said and "in English alone" in said
    assert not machine.has("espeak-ng")


def test_without_a_network_it_goes_on(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ROOT)
    machine.add("apt-get", "exit 100")
    code, said = machine.set_up_voices()
    assert code == 0 and "is there a network?" in said and "in English alone" in said


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ROOT)
    machine.add("espeak-ng", "")
    assert machine.set_up_voices() == (0, "")


MODEL = "pipecat/audio/turn/smart_turn/data"
FETCHES = f"""case "$*" in
    *download*) mkdir -p .venv/smart-turn; touch .venv/smart-turn/pipecat_ai-1.whl ;;
    *zipfile*) mkdir -p .venv/smart-turn/{MODEL}; touch .venv/smart-turn/{MODEL}/smart-turn-v3.2-cpu.onnx ;;
esac"""


@pytest.mark.parametrize("fails", ["download", "zipfile"])
def test_without_the_turn_model_it_goes_on_and_tries_again_the_next_time(tmp_path: Path, fails: str) -> None:
    machine = Machine(tmp_path, USER)
    code, said = machine.set_up_dev(python=f'case "$*" in *{fails}*) exit 1 ;; esac; {FETCHES}')
    assert code == 0
    assert "going on without the turn model" in said and "skipped" in said
    code, said = machine.set_up_dev(python=FETCHES)
    assert code == 0 and "going on without" not in said
    left = [path.name for path in (tmp_path / "project" / ".venv" / "smart-turn").rglob("*") if path.is_file()]
    assert left == ["smart-turn-v3.2-cpu.onnx"]


def test_without_the_packages_themselves_it_does_not(tmp_path: Path) -> None:
    code, said = Machine(tmp_path, USER).set_up_dev(python='case "$*" in *--editable*) exit 1 ;; esac')
    assert code == 1 and "could not be installed" in said

"""What a cluster's bots are remembered by."""

import pytest

from orchestrator import roster
from orchestrator.roster import Roster

RUNNING, OVER = {"is": "running", "pid": 7}, {"is": "exited", "code": 0, "reason": "finished", "asked": True}


def test_how_a_bot_ended_holds_whatever_is_told_afterwards() -> None:
    known = Roster()
    known.note("a", RUNNING)
    known.note("a", OVER)
    known.note("a", RUNNING)
    assert known.look([], 60.0) == ({"a": OVER}, [])


def test_who_runs_is_forgotten_with_its_machine_and_who_ended_is_not() -> None:
    known = Roster()
    known.note("a", RUNNING)
    known.note("b", OVER)
    assert known.look(["a"], 60.0)[0] == {"a": RUNNING, "b": OVER}
    assert known.look([], 60.0)[0] == {"b": OVER}


def test_who_waits_for_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(roster.time, "monotonic", lambda: now)
    known = Roster()
    assert known.look(["a", "b"], 60.0)[1] == []
    known.note("b", RUNNING)
    now = 161.0
    assert known.look(["a", "b", "c"], 60.0)[1] == ["a"]


def test_so_many_endings_are_kept() -> None:
    known = Roster()
    for number in range(roster.KEPT + 5):
        known.note(str(number), OVER)
    kept, _ = known.look([], 60.0)
    assert len(kept) == roster.KEPT and "4" not in kept and "5" in kept

"""The outbox: nothing is lost by a kill, nothing is kept after it was acknowledged."""

from pathlib import Path

from bot.uplink import Outbox


def test_events_are_numbered_and_wait_until_acknowledged(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "a" / "box.jsonl")
    assert [outbox.add({"event": "state"})["n"] for _ in range(3)] == [1, 2, 3]
    outbox.acknowledge(2)
    assert [event["n"] for event in outbox.after(0)] == [3]
    assert len(outbox) == 1


def test_a_killed_bots_events_are_read_back_and_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "box.jsonl"
    first = Outbox(path)
    first.add({"event": "one"})
    first.add({"event": "two"})
    with path.open("ab") as file:
        file.write(b'{"event": "torn by the ki')
    second = Outbox(path)
    assert [event["event"] for event in second.after(0)] == ["one", "two"]
    assert second.add({"event": "three"})["n"] == 3
    assert [event["event"] for event in Outbox(path).after(0)] == ["one", "two", "three"]


def test_the_file_goes_when_nothing_waits_and_stays_when_something_does(tmp_path: Path) -> None:
    path = tmp_path / "box.jsonl"
    outbox = Outbox(path)
    outbox.add({"event": "one"})
    outbox.close()
    assert path.exists()
    again = Outbox(path)
    again.acknowledge(1)
    again.close()
    assert not path.exists()

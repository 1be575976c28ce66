"""The outbox: nothing is lost by a kill, nothing is kept after it was acknowledged. And the line it is sent on."""

import asyncio
import json
import resource
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from structlog.testing import capture_logs
from websockets.asyncio.server import ServerConnection, serve

from bot.spec import Place
from bot.uplink import BACK_OFF_S, STEADY_S, Outbox, Uplink
from tests.guards import HANG_S


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


def test_what_a_full_disk_did_not_take_is_written_down_as_soon_as_it_does(tmp_path: Path) -> None:
    path = tmp_path / "box.jsonl"
    outbox = Outbox(path)
    outbox.add({"event": "one"})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, before[1]))
    try:
        with capture_logs() as logs:  # in memory: no file can grow now, that of the log neither
            outbox.add({"event": "two"})
            outbox.add({"event": "three"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [(entry["event"], entry["n"]) for entry in logs] == [("outbox_not_written", 2), ("outbox_not_written", 3)]
    assert [event["event"] for event in outbox.after(0)] == ["one", "two", "three"]
    outbox.add({"event": "four"})
    assert [event["event"] for event in Outbox(path).after(0)] == ["one", "two", "three", "four"]


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


async def test_a_command_comes_once_and_is_open_until_it_is_done_however_often_the_line_breaks(tmp_path: Path) -> None:
    """Each connection sends the same command again, as the control plane does until it hears that it is done."""
    outbox, came, heard = Outbox(tmp_path / "box.jsonl"), list[str](), list[list[Any]]()
    opened = asyncio.Queue[int]()

    async def control_plane(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"type": "welcome", "acked": 0}))
        await socket.send(json.dumps({"type": "command", "id": "cmd_1", "command": "floor"}))
        heard.append(frames := [])
        opened.put_nowait(len(heard))
        async for text in socket:
            frame = json.loads(text)
            frames.append((frame["type"], frame.get("event", frame.get("id"))))
            if frame.get("event") == "over":
                await socket.close(1012)

    async with serve(control_plane, "127.0.0.1", 0) as server, asyncio.timeout(HANG_S):
        port = next(iter(server.sockets)).getsockname()[1]
        uplink = Uplink(
            Place(url=f"ws://127.0.0.1:{port}", token=SecretStr("token")),
            attempt_id="att_1",
            epoch=1,
            outbox=outbox,
            call_ms=lambda: 0,
            command=lambda frame: came.append(frame["id"]),
            opened=lambda: uplink.emit_ephemeral("stands", {}),
            refused=lambda code: None,
        )
        async with asyncio.TaskGroup() as tasks:
            line = tasks.create_task(uplink.run())
            for connection in (1, 2, 3):
                assert await opened.get() == connection
                while not came or len(heard[-1]) < 1:
                    await asyncio.sleep(0.01)
                if connection == 2:
                    uplink.done("cmd_1")
                if connection < 3:
                    uplink.emit_ephemeral("over", {})
            while ("command.done", "cmd_1") not in heard[2]:
                await asyncio.sleep(0.01)
            line.cancel()
    assert came == ["cmd_1"]
    assert [frames[0] for frames in heard] == [("event", "stands")] * 3, "how things stand is said on every line"
    assert [frames.count(("command.done", "cmd_1")) for frames in heard] == [0, 1, 1]
    outbox.close()


async def test_a_line_that_breaks_at_once_is_tried_ever_less_often_until_one_has_stood(tmp_path: Path) -> None:
    loop, began, asked = asyncio.get_running_loop(), list[float](), asyncio.Queue[float]()

    async def control_plane(socket: ServerConnection) -> None:
        began.append(loop.time())
        await socket.recv()
        await socket.send(json.dumps({"type": "welcome", "acked": 0}))
        if len(began) == len(BACK_OFF_S) + 2:
            await asyncio.sleep(STEADY_S)
        await socket.close(1012)
        asked.put_nowait(loop.time())

    async with serve(control_plane, "127.0.0.1", 0) as server:
        uplink = Uplink(
            Place(url=f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", token=SecretStr("token")),
            attempt_id="att_1",
            epoch=1,
            outbox=Outbox(tmp_path / "box.jsonl"),
            call_ms=lambda: 0,
            command=lambda frame: None,
            opened=lambda: None,
            refused=lambda code: None,
        )
        async with asyncio.TaskGroup() as tasks:
            line = tasks.create_task(uplink.run())
            broke = [await asked.get() for _ in range(len(BACK_OFF_S) + 3)]
            line.cancel()
    pauses = [round(again - end, 1) for again, end in zip(began[1:], broke, strict=False)]
    assert pauses == [*BACK_OFF_S, BACK_OFF_S[-1], BACK_OFF_S[0]]

"""The bot's line to the control plane: events up, numbered and acknowledged; commands down.

Every numbered event is in a local file before it is sent, and stays there until it is acknowledged. If the control
plane is away, the interview goes on and the events wait. Ephemeral events (text still changing, who has the floor) are
never kept: when nobody listens they are gone.
"""

import asyncio
import json
import os
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import websockets
from websockets.asyncio.client import ClientConnection, connect

from bot.spec import Place

log = structlog.get_logger(__name__)

WELCOME_S = 10.0
BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 5.0  # a line that broke sooner is no success: a control plane that can't store anything breaks each at once
REFUSED = {4401, 4409, 4410}  # this token, this epoch or this attempt is not wanted any more


class Outbox:
    """Numbered events on disk: an append-only file of JSON lines, and the highest number acknowledged.

    A file left by an earlier incarnation is read back; a torn last line (the process was killed while writing) is cut.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._waiting: deque[dict[str, Any]] = deque(_whole_lines(path))
        self.last_n = self._waiting[-1]["n"] if self._waiting else 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._unwritten = b""  # what a full disk did not take, half a line perhaps: it goes before anything else

    def add(self, event: dict[str, Any]) -> dict[str, Any]:
        """Number the event, write it down, return it."""
        self.last_n += 1
        numbered = {**event, "n": self.last_n}
        self._waiting.append(numbered)
        self._unwritten += json.dumps(numbered).encode() + b"\n"
        try:
            while self._unwritten:
                self._unwritten = self._unwritten[os.write(self._file, self._unwritten) :]
        except OSError as error:  # a full disk: the event is still sent, but does not outlive this process yet
            log.error("outbox_not_written", n=self.last_n, error=str(error))
        return numbered

    def acknowledge(self, n: int) -> None:
        while self._waiting and self._waiting[0]["n"] <= n:
            self._waiting.popleft()

    def after(self, n: int) -> Iterable[dict[str, Any]]:
        return [event for event in self._waiting if event["n"] > n]

    def __len__(self) -> int:
        return len(self._waiting)

    def close(self) -> None:
        """Close the file, and remove it when nothing in it is still waiting."""
        os.close(self._file)
        if not self._waiting:
            self._path.unlink(missing_ok=True)


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    events = []
    for line in whole.splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:  # half a line from a full disk, run into the next one
            log.error("outbox_line_unreadable", path=str(path))
    return events


class Uplink:
    """Sends events and takes commands for one attempt.

    command: called with each command frame once; `done` confirms it to the control plane, which until then sends it
    again: to this bot after every reconnect, and to the one that takes its place.
    opened: called whenever the line is open.
    refused: called with the close code when the control plane wants this incarnation no longer.
    """

    def __init__(
        self,
        place: Place,
        *,
        attempt_id: str,
        epoch: int,
        outbox: Outbox,
        call_ms: Callable[[], int],
        command: Callable[[dict[str, Any]], None],
        opened: Callable[[], None],
        refused: Callable[[int], None],
    ) -> None:
        self._place, self._attempt_id, self._epoch, self._outbox = place, attempt_id, epoch, outbox
        self._call_ms, self._command, self._opened, self._refused = call_ms, command, opened, refused
        self._sendable: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._connected = self._given_up = False
        self._acknowledged = asyncio.Event()
        self._taken: set[str] = set()
        self._done: set[str] = set()
        self._floor: dict[str, Any] | None = None
        self._confirmed_at = asyncio.get_running_loop().time()

    @property
    def silence_s(self) -> float:
        """How long ago it was asked what was confirmed last; since the start, where nothing was."""
        return asyncio.get_running_loop().time() - self._confirmed_at

    def ask_to_stay(self) -> None:
        """Have it confirmed that this incarnation is still the one, if there is a line right now."""
        if self._connected:
            self._sendable.put_nowait({"type": "renew", "at": asyncio.get_running_loop().time()})

    def emit(self, event: str, data: dict[str, Any]) -> None:
        """Write one event down and send it as soon as there is a line."""
        numbered = self._outbox.add(self._frame(event, data))
        if self._connected:
            self._sendable.put_nowait(numbered)

    def emit_ephemeral(self, event: str, data: dict[str, Any]) -> None:
        """Send one event if there is a line right now; the latest floor is sent again after a reconnect."""
        frame = {**self._frame(event, data), "n": None}
        if event == "floor":
            self._floor = frame
        if self._connected:
            self._sendable.put_nowait(frame)

    def done(self, command_id: str) -> None:
        """Confirm a command, at once or as soon as it is sent again."""
        self._done.add(command_id)
        if self._connected:
            self._confirm(command_id)

    async def run(self) -> None:
        """Keep the line up until cancelled or refused."""
        loop, tries = asyncio.get_running_loop(), 0
        while True:
            code: int | None = None
            tried_at = loop.time()
            try:
                async with connect(
                    self._place.url,
                    additional_headers={"Authorization": f"Bearer {self._place.token.get_secret_value()}"},
                    max_size=1 << 20,
                    open_timeout=5,
                    close_timeout=1,
                ) as socket:
                    welcome = await self._converse(socket)
                    if welcome and loop.time() - tried_at >= STEADY_S:
                        tries = 0
                    code = socket.close_code
            except websockets.InvalidStatus as refusal:
                code = {401: 4401, 403: 4401, 409: 4409, 410: 4410}.get(refusal.response.status_code)
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                log.info("uplink_away", error=type(error).__name__)
            finally:
                self._connected = False
            if code in REFUSED:
                log.warning("uplink_refused", code=code)
                self._given_up = True
                self._acknowledged.set()
                self._refused(int(code or 0))
                return
            await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
            tries += 1

    async def delivered(self, deadline_s: float) -> bool:
        """Wait until everything is acknowledged; False when the deadline came first (the rest stays in the outbox)."""
        try:
            async with asyncio.timeout(deadline_s):
                while len(self._outbox) and not self._given_up:
                    self._acknowledged.clear()
                    await self._acknowledged.wait()
        except TimeoutError:
            log.warning("outbox_left_behind", events=len(self._outbox))
            return False
        return not len(self._outbox)

    async def _converse(self, socket: ClientConnection) -> bool:
        """Exchange frames until the socket closes; True when the control plane had welcomed this bot."""
        hello = {"type": "hello", "attempt_id": self._attempt_id, "epoch": self._epoch, "last_n": self._outbox.last_n}
        try:
            async with asyncio.timeout(WELCOME_S):
                await socket.send(json.dumps(hello))
                acked = int(json.loads(await socket.recv())["acked"])
        except (websockets.ConnectionClosed, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("uplink_not_welcome", error=repr(error))
            return False
        self._acknowledge(acked)
        self._sendable = asyncio.Queue()
        for event in self._outbox.after(acked):
            self._sendable.put_nowait(event)
        if self._floor is not None:
            self._sendable.put_nowait(self._floor)
        self._connected = True
        log.info("uplink_open", waiting=len(self._outbox))
        self._opened()
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self._send(socket))
            try:
                async for text in socket:
                    try:
                        self._take(json.loads(text))
                    except (ValueError, KeyError, TypeError) as error:
                        log.warning("uplink_frame_refused", error=repr(error))
            except websockets.ConnectionClosed:
                pass  # told apart by its code, above
            finally:
                sending.cancel()
        return True

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            frame = await self._sendable.get()
            try:
                await socket.send(json.dumps(frame))
            except websockets.ConnectionClosed:
                return  # the reader sees it too; numbered events are still in the outbox

    def _take(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "ack":
                self._acknowledge(int(frame["n"]))
            case "renewed":
                self._confirmed_at = max(self._confirmed_at, float(frame["at"]))  # when it was asked, by our clock
            case "command":
                if frame["id"] in self._done:
                    self._confirm(frame["id"])
                elif frame["id"] not in self._taken:  # sent again after a reconnect, and still being done
                    self._taken.add(frame["id"])
                    self._command(frame)

    def _confirm(self, command_id: str) -> None:
        self._sendable.put_nowait({"type": "command.done", "id": command_id})

    def _acknowledge(self, n: int) -> None:
        self._outbox.acknowledge(n)
        self._acknowledged.set()

    def _frame(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"type": "event", "at": now, "at_ms": self._call_ms(), "event": event, "data": data}

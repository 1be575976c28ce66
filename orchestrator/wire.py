"""What goes over the bot host's socket: one JSON object per line.

A request is `{"do": NAME, …}`, its answer `{"ok": …}` or `{"error": {"code", "detail", …}}`; one request at a time on
a connection. After `watch` the connection carries only `{"departed": {"handle", "status"}}` lines from the host. After
a `start` that is `tethered` it carries nothing; once it is gone, the bot leaves its call to another incarnation.

| do | with | answer |
|---|---|---|
| start | spec, tethered | handle |
| poll | handle | status |
| stop | handle, grace_s | null |
| list | | [handle] |
| capacity | | {total, free, pending, draining} |
| watch | | null, then departures |
"""

import json
from typing import Any, TypeAlias

from orchestrator import Exited, LaunchHandle, LaunchStatus, Lost, Pending, Running

Json: TypeAlias = dict[str, Any]

MAX_LINE = 4 * 1024 * 1024  # bytes; a spec with the largest plan is some 200 kB


class BadLine(ValueError):
    """A line that is not of this protocol."""


def pack(message: Json) -> bytes:
    """Return `message` as one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def unpack(line: bytes) -> Json:
    """Return the object on one line; raises `BadLine`."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BadLine(f"expected an object, got {type(message).__name__}")
    return message


def pack_handle(handle: LaunchHandle) -> Json:
    """Return `handle` as plain values."""
    return {"interview_id": handle.interview_id, "attempt_id": handle.attempt_id, "epoch": handle.epoch}


def unpack_handle(fields: Json) -> LaunchHandle:
    """Return the handle in `fields`; raises `BadLine`."""
    match fields:
        case {"interview_id": str(interview), "attempt_id": str(attempt), "epoch": int(epoch)}:
            return LaunchHandle(interview, attempt, epoch)
        case _:
            raise BadLine("a handle has interview_id, attempt_id and epoch")


def pack_status(status: LaunchStatus) -> Json:
    """Return `status` as plain values."""
    match status:
        case Running(pid, node):
            return {"is": "running", "pid": pid, "node": node}
        case Exited(code, reason, asked):
            return {"is": "exited", "code": code, "reason": reason, "asked": asked}
        case Lost(reason):
            return {"is": "lost", "reason": reason}
        case Pending():
            return {"is": "pending"}


def unpack_status(fields: Json) -> LaunchStatus:
    """Return the status in `fields`; raises `BadLine`."""
    match fields:
        case {"is": "running", "pid": pid}:
            return Running(pid, fields.get("node"))
        case {"is": "exited", "code": int(code), "reason": str(reason)}:
            return Exited(code, reason, fields.get("asked") is True)
        case {"is": "lost", "reason": str(reason)}:
            return Lost(reason)
        case {"is": "pending"}:
            return Pending()
        case _:
            raise BadLine("a status is pending, running, exited or lost")

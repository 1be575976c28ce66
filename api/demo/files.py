"""What is left of an interview on disk, as complete as it could be had."""

import json
from pathlib import Path
from typing import Any

from api.client import Client, Refused, Unreachable
from api.demo.call import HeldCall
from api.demo.figures import metrics
from api.demo.usage import Usage

NAMES = ("interview.json", "transcript.jsonl", "metrics.json", "recording.ogg", "serve.log")
TURN_FIELDS = ("seq", "speaker", "role", "text", "start_ms", "end_ms", "question_id")


def clear(out: Path) -> None:
    """Take away what an earlier interview left in `out`, so that nothing of it is taken for this one's."""
    for name in NAMES:
        (out / name).unlink(missing_ok=True)


async def fetch(client: Client, held: HeldCall, out: Path) -> None:
    """Get what the server alone has: its last word on the interview, and the recording, into `recording.ogg`."""
    if not held.interview_id:
        return
    try:
        held.body = (await client.interviews.get(held.interview_id)).model_dump(mode="json")
        if held.body.get("recording"):
            path = out / "recording.ogg"
            await client.interviews.save_recording(held.interview_id, path)
            held.recording = path
    except (Refused, Unreachable):
        return  # what is missing is told by the verdict


def write(held: HeldCall, usage: Usage, out: Path) -> None:
    """Write `interview.json`, `transcript.jsonl` and `metrics.json`."""
    _write_json(out / "interview.json", held.body)
    lines = [json.dumps({key: turn.get(key) for key in TURN_FIELDS}, ensure_ascii=False) for turn in held.turns]
    (out / "transcript.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    _write_json(out / "metrics.json", metrics(held, usage))


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

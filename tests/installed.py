"""What installed packages hold that tests need: real speech, and the weights of the optional turn model."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SMART_TURN = Path(sys.prefix) / "smart-turn"  # where `scripts/setup dev` unpacks it
SMART_TURN_CODE = SMART_TURN / "pipecat" / "audio" / "turn" / "smart_turn"
SMART_TURN_WEIGHTS = SMART_TURN_CODE / "data" / "smart-turn-v3.2-cpu.onnx"

needs_smart_turn = pytest.mark.skipif(
    not SMART_TURN_WEIGHTS.is_file(),
    reason=f"no Smart Turn weights in {SMART_TURN}: scripts/setup dev could not fetch pipecat-ai",
)


def reading(name: str) -> Path:
    """Return a reading by a person: `beckett.wav` (10 s) or `two_cities.wav` (44 s)."""
    spec = find_spec("moonshine_voice")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "assets" / name

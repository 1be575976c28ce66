"""Hashes that say which plan, rubric and transcript an evaluation read."""

import hashlib
import json
from typing import Any


def hash_of(values: Any) -> str:
    """Return the SHA-256 of plain values, the same whatever the order of their names; in hex."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()

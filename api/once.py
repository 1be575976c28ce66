"""Small files that are written once and read from then on: the signing key, the name of a place."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def written_once(path: Path, make: Callable[[], str]) -> str:
    """Return what is in `path`, made on first use with mode 0600; two processes that make it at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # somebody else was first: theirs it is
        finally:
            draft.unlink()
    return path.read_text().strip()

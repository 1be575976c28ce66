"""Launchers by name, imported when one is chosen."""

import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from orchestrator import BotLauncher
from orchestrator.errors import UnknownLauncher

LAUNCHERS: Mapping[str, str] = {
    "process": "orchestrator.launchers.process:ProcessLauncher",
    "ray": "orchestrator.launchers.ray:RayLauncher",
}


def load_launcher(name: str, data_dir: Path) -> BotLauncher:
    """Return the launcher called `name` for the bots of `data_dir`; raises `UnknownLauncher`."""
    if name not in LAUNCHERS:
        raise UnknownLauncher(name, LAUNCHERS)
    make = cast(Callable[[Path], BotLauncher], pkgutil.resolve_name(LAUNCHERS[name]))
    return make(data_dir)

"""The real bot, with a fault built in: the first one in each call stops sending in the middle of what it says."""

import asyncio
from functools import partial
from typing import Any

from bot.platforms.peer import VoiceTrack
from bot.pulse import Pulse
from bot.spec import BotSpec
from orchestrator import host
from orchestrator.forks import BotMain

PACKETS = 150  # three seconds of speech; then its track is never taken from again


def prepare_bot() -> BotMain:
    """Return what a fork runs (`BOT_ENTRY`)."""
    return partial(_run, host.prepare_bot())


async def _run(run: BotMain, spec: BotSpec, pulse: Pulse) -> int:
    if spec.epoch == 1:
        _wedge()
    return await run(spec, pulse)


def _wedge() -> None:
    recv = VoiceTrack.recv

    async def stuck(track: VoiceTrack) -> Any:
        if track.taken >= PACKETS:
            await asyncio.Event().wait()
        return await recv(track)

    VoiceTrack.recv = stuck  # type: ignore[method-assign]

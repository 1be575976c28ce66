"""Sound that is already there, through the very lane of a call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from audio import SAMPLE_RATE, Pcm, SpeechToText
from audio.heard import FinalTurn, LaneEvent
from audio.lane import Lane, LaneSettings
from audio.pcm import duration_ms
from audio.vad import VoiceActivityDetector

_PIECE = SAMPLE_RATE // 50  # 20 ms, as a call delivers it


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """How to replay: at the pace of a call with interim text, or as fast as the recogniser allows.

    patience: a name in `audio.endpoint.PRESETS`. prompt: names and terms to expect.
    """

    live: bool = False
    language: str = "en"
    prompt: str = ""
    patience: str = "normal"
    settings: LaneSettings = field(default_factory=LaneSettings)


async def replay(
    pcm: Pcm,
    *,
    stt: SpeechToText,
    vad: VoiceActivityDetector,
    options: ReplayOptions | None = None,
    listener: Callable[[LaneEvent], None] | None = None,
    name: str = "file",
) -> list[FinalTurn]:
    """Return the turns in `pcm` (16 kHz).

    Without `live` the samples drive the lane's clock and every decode is waited for before more sound is fed, so the
    result depends on neither the machine nor its load; interims, which decide nothing, are left out.
    `listener` gets every event as it happens.
    """
    options = options or ReplayOptions()
    turns: list[FinalTurn] = []
    loop = asyncio.get_running_loop()
    fed_ms = 0.0
    began = loop.time()

    def emit(event: LaneEvent) -> None:
        if isinstance(event, FinalTurn):
            turns.append(event)
        if listener is not None:
            listener(event)

    def clock() -> float:
        return (loop.time() - began) * 1000 if options.live else fed_ms

    settings = options.settings if options.live else replace(options.settings, interims=False)
    lane = Lane(name, stt=stt, vad=vad, emit=emit, clock=clock, settings=settings)
    lane.language, lane.prompt, lane.patience = options.language, options.prompt, options.patience
    async with asyncio.TaskGroup() as group:
        group.create_task(lane.run())
        await asyncio.sleep(0)
        for at in range(0, len(pcm), _PIECE):
            piece = pcm[at : at + _PIECE]
            begins_ms = at * 1000 / SAMPLE_RATE
            fed_ms = begins_ms + duration_ms(piece)
            if options.live:  # a piece is there when its last sample was spoken
                await asyncio.sleep(max(0.0, began + fed_ms / 1000 - loop.time()))
            lane.push(piece, begins_ms)
            if not options.live:
                await lane.settle()
        lane.close()
    return turns

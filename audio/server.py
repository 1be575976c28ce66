"""The speech server: `python -m audio.server --socket PATH` (or `--port N`), one process per host.

It listens before it has loaded its models, so callers wait for a restart instead of failing. One JSON line on stdout
says that it serves: {"event": "ready", "url": ..., "model": ..., "load_s": ...}. With `--without-stt` it is only a
voice (and model is null), with `--without-tts` only a recogniser; of the other it loads nothing. SIGTERM and SIGINT let
running requests end. Exit status 2, with one line on stderr, when it can't serve: no or wrong model, address in use.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import structlog
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings

from audio.errors import AudioError

if TYPE_CHECKING:
    from audio.stt.local import LocalSpeechToText
    from audio.tts.voices import LocalVoices

GRACE_S = 10
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class AddressInUse(Exception):
    """Somebody else listens there."""


class Settings(BaseSettings):
    """From the environment: `STT_MODEL`, `STT_WORKERS`, `STT_THREADS`, `STT_DEVICE`, `STT_COMPUTE`.

    stt_model: "base", a folder, a size or a hub name. stt_workers: decodes at a time (0: one per core), each of
    stt_threads threads.
    """

    stt_model: str = "base"
    stt_workers: Annotated[int, Field(ge=0, le=256)] = 0
    stt_threads: Annotated[int, Field(ge=1, le=256)] = 1
    stt_device: str = "cpu"
    stt_compute: str = "int8"


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; return the exit status."""
    options = _options(arguments)
    _one_thread_per_library()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        settings = Settings()
        with _listening(options) as listener:
            asyncio.run(_serve(settings, listener, _url(options, listener), options))
    except (AudioError, AddressInUse, OSError) as why:
        return _refuse(str(why))
    except ValidationError as why:
        first = why.errors()[0]
        return _refuse(f"{str(first['loc'][0]).upper()}: {first['msg']}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m audio.server", description="Speech to text and text to speech.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--socket", type=Path, help="listen on this Unix socket")
    where.add_argument("--port", type=int, help="listen on this TCP port (0: any)")
    parser.add_argument("--host", default="127.0.0.1", help="with --port (default: %(default)s)")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--without-stt", action="store_true", help="load no recogniser")
    part.add_argument("--without-tts", action="store_true", help="load no voices")
    parser.add_argument("--model-dir", type=Path, help="where models are kept (default: the user's cache)")
    return parser.parse_args(arguments)


def _one_thread_per_library() -> None:
    """Start anew with one thread per numeric library, unless the environment says otherwise.

    The cores belong to the workers: numpy's own threads add 15 % of CPU time and take none off the clock. numpy reads
    the environment when it is imported, which has happened by now.
    """
    if not ONE_THREAD.keys() & os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **ONE_THREAD})


@contextlib.contextmanager
def _listening(options: argparse.Namespace) -> Iterator[socket.socket]:
    if options.socket is None:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((options.host, options.port))
            except OSError as why:
                raise AddressInUse(f"can't listen on {options.host}:{options.port}: {why.strerror}") from why
            listener.listen(128)
            yield listener
        return
    path: Path = options.socket
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path)
    with socket.socket(socket.AF_UNIX) as listener:
        before = os.umask(0o177)  # nobody else may speak or listen
        try:
            listener.bind(str(path))
        except OSError as why:
            raise AddressInUse(f"can't listen on {path}: {why.strerror or why}") from why
        finally:
            os.umask(before)
        listener.listen(128)
        ours = path.stat().st_ino
        try:
            yield listener
        finally:
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ino == ours:
                    path.unlink()


def _remove_stale(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as why:
            raise AddressInUse(f"can't listen on {path}: {why.strerror or why}") from why
    raise AddressInUse(f"another speech server listens on {path}")


def _url(options: argparse.Namespace, listener: socket.socket) -> str:
    return f"unix:{options.socket}" if options.socket else "http://{}:{}".format(*listener.getsockname()[:2])


async def _serve(settings: Settings, listener: socket.socket, url: str, options: argparse.Namespace) -> None:
    began = time.monotonic()
    # late, so that wrong options and a used address are answered at once
    import uvicorn

    from audio.app import SpeechApp

    stt, voices = await _loaded(settings, options)
    model = settings.stt_model if stt else None
    if stt:
        await stt.warm_up()

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready = {"event": "ready", "url": url, "model": model}
            sys.stdout.write(json.dumps({**ready, "load_s": round(time.monotonic() - began, 2)}) + "\n")
            sys.stdout.flush()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # uvicorn would raise the signal again at the end, and so die of it

    server = Announcing(
        uvicorn.Config(
            SpeechApp(stt, voices, model).asgi(),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=75,  # longer than the client's pool keeps a connection
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, setattr, server, "should_exit", True)
    try:
        async with asyncio.TaskGroup() as group:
            decoding = group.create_task(stt.run(), name="decoding") if stt else None
            await server.serve(sockets=[listener])
            if decoding:
                decoding.cancel()
    finally:
        if voices:
            await voices.aclose()


async def _loaded(
    settings: Settings, options: argparse.Namespace
) -> "tuple[LocalSpeechToText | None, LocalVoices | None]":
    """Load what is asked for, side by side; raises what is wrong with the model, as itself."""
    from audio.tts.voices import LocalVoices

    try:
        async with asyncio.TaskGroup() as group:
            ears = None if options.without_stt else group.create_task(_recogniser(settings, options.model_dir))
            mouth = None if options.without_tts else group.create_task(LocalVoices.load())
    except ExceptionGroup as several:
        ours, others = several.split(AudioError)
        if ours is None or others is not None:
            raise
        raise ours.exceptions[0] from several
    return ears.result() if ears else None, mouth.result() if mouth else None


async def _recogniser(settings: Settings, models: Path | None) -> "LocalSpeechToText":
    from audio.models import locate
    from audio.stt.local import LocalSpeechToText, cores
    from audio.stt.whisper import Whisper

    workers = settings.stt_workers or cores()

    def whisper() -> Whisper:
        return Whisper(
            locate(settings.stt_model, models),
            workers=workers,
            threads=settings.stt_threads,
            device=settings.stt_device,
            compute=settings.stt_compute,
        )

    return LocalSpeechToText(await asyncio.to_thread(whisper), workers=workers)


def _refuse(why: str) -> int:
    sys.stderr.write(f"audio.server: {why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())

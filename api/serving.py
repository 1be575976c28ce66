"""The supervisor's composition root: three parts on one data directory, from the lock to the last goodbye.

The socket is bound here and handed down, so that a client only waits while the API is started again; bots run under
the bot host, so that neither the API's nor the speech server's death ends a call.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import typer

from api.auth import Tokens, signing_secret
from api.errors import ControlPlaneError
from api.settings import Settings
from orchestrator.children import Child
from orchestrator.errors import ChildFailed
from orchestrator.forks import ONE_THREAD
from orchestrator.launchers import load_launcher
from orchestrator.logs import configure_logs
from orchestrator.probes import answers, launches, on_port, on_socket
from orchestrator.supervisor import Supervisor

SIGN_IN_FOR = timedelta(hours=12)
ADMIN_TENANT = "default"
STILL_WAITING_S = 15.0
LONGEST_SOCKET_PATH = 107  # bytes; sun_path of unix(7) without its end
LARGE_LOG = 5_000_000
# SIGTERM to SIGKILL, in the order they stop in: together, all is gone within ten seconds.
BOTS_GRACE_S, API_GRACE_S, SPEECH_GRACE_S = 6.0, 2.5, 1.5


class CannotServe(ControlPlaneError):
    """The port or the data directory can't be had; says what to do."""

    code = "cannot_serve"


class Serving:
    """One `vivavoce serve`."""

    def __init__(self, settings: Settings, *, quiet: bool) -> None:
        self._settings, self._quiet = settings, quiet

    def run(self) -> int:
        """Serve until told to stop; return the exit code. Raises `CannotServe`, `ChildFailed`."""
        settings = self._settings
        configure_logs(settings.log_format, settings.log_level if not self._quiet else "error")
        with claimed(settings.data_dir), listening(settings.listen_host, settings.listen_port) as listener:
            port: int = listener.getsockname()[1]
            self._settings = settings = settings.model_copy(update={"listen_port": port})
            tokens = Tokens(signing_secret(settings.secret_file))
            with part_logs(settings.run_dir / "logs", echo=not self._quiet) as wrote:
                supervisor = Supervisor(self._children(listener), wrote=wrote)
                asyncio.run(self._serve(supervisor, tokens))
        return 0

    async def _serve(self, supervisor: Supervisor, tokens: Tokens) -> None:
        loop = asyncio.get_running_loop()
        told = False

        def leave() -> None:
            nonlocal told
            if told:  # asked twice: at once; the parts are on a leash and go with us
                os._exit(128 + signal.SIGINT)
            told = True
            typer.echo("stopping: calls may take some seconds to leave", err=True)
            announcing.cancel()
            supervisor.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, leave)
        try:
            async with asyncio.TaskGroup() as tasks:
                announcing = tasks.create_task(self._announce(supervisor, tokens), name="announce")
                await supervisor.run()
        except* ChildFailed as failures:
            raise failures.exceptions[0] from None

    async def _announce(self, supervisor: Supervisor, tokens: Tokens) -> None:
        """Say how far it is, and in the end where it is."""
        names = [child.name for child in self._children(None)]
        typer.echo(f"starting {', '.join(names)} in {self._settings.data_dir}")
        async with asyncio.TaskGroup() as tasks:
            reminding = tasks.create_task(self._remind(supervisor, frozenset(names)), name="remind")
            async with asyncio.TaskGroup() as waiting:
                for name in names:
                    waiting.create_task(self._tell_when_ready(supervisor, name), name=f"{name} ready")
            reminding.cancel()
        here = self._settings.internal
        token = tokens.issue(ADMIN_TENANT, expires_in=SIGN_IN_FOR)
        typer.echo(f"ready {here}")
        typer.echo(f"sign in: {self._settings.public_url or here}/app#token={token}")

    async def _tell_when_ready(self, supervisor: Supervisor, name: str) -> None:
        began = asyncio.get_running_loop().time()
        await supervisor.until_ready(name)
        typer.echo(f"  {name} is ready ({asyncio.get_running_loop().time() - began:.1f} s)")

    async def _remind(self, supervisor: Supervisor, names: frozenset[str]) -> None:
        while True:
            await asyncio.sleep(STILL_WAITING_S)
            missing = ", ".join(sorted(names - supervisor.ready()))
            typer.echo(f"  still waiting for {missing}; what it says is in {self._settings.run_dir / 'logs'}")

    def _children(self, listener: socket.socket | None) -> list[Child]:
        """Return the parts that the settings ask for, in the order they start in (they stop the other way round)."""
        settings = self._settings
        data_dir = settings.data_dir.absolute()
        python = (sys.executable, "-m")
        env = {
            **os.environ,
            **ONE_THREAD,
            "DATA_DIR": str(data_dir),
            "LISTEN_HOST": settings.listen_host,
            "LISTEN_PORT": str(settings.listen_port),
            "PYTHONUNBUFFERED": "1",
        }
        parts: list[Child] = []
        if settings.needs_speech_server:
            path = settings.speech_socket.absolute()
            parts.append(
                Child(
                    "speech",
                    (*python, "audio.server", "--socket", str(path)),
                    lambda: answers(on_socket(path), "/health"),
                    env=env,
                    grace_s=SPEECH_GRACE_S,
                )
            )
        descriptor = listener.fileno() if listener is not None else -1
        at = on_port(*_reachable(settings.listen_host, settings.listen_port))
        parts.append(
            Child(
                "api",
                (*python, "api", "--fd", str(descriptor)),
                lambda: answers(at, "/v1/health"),
                env=env,
                pass_fds=(descriptor,),
                grace_s=API_GRACE_S,
            )
        )
        if settings.launcher == "process":
            bots = load_launcher("process", data_dir)
            socket_path = str(settings.bots_socket.absolute())
            parts.append(
                Child(
                    "bots",
                    (*python, "orchestrator.host", "--socket", socket_path),
                    lambda: launches(bots),
                    env=env,
                    grace_s=BOTS_GRACE_S,
                )
            )
        return parts


@contextmanager
def claimed(data_dir: Path) -> Iterator[None]:
    """Hold `data_dir` for this process alone; raises `CannotServe` when it can't be had."""
    run = data_dir / "run"
    if len(os.fsencode(run.absolute() / "speech.sock")) > LONGEST_SOCKET_PATH:
        raise CannotServe(f"{data_dir.absolute()}: the path is too long for sockets in it; choose a shorter --data-dir")
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        run.mkdir(exist_ok=True, mode=0o700)
        lock = (run / "lock").open("a+")
    except OSError as error:
        raise CannotServe(f"{data_dir}: can't be used as data directory: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotServe(
                f"{data_dir}: another `vivavoce serve` (process {holder}) runs on this data directory; "
                "stop it or choose another --data-dir"
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen on `host` and `port` (0: any free one); raises `CannotServe` with what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotServe(f"--host {host}: {error.strerror}") from error
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(512)
        except OSError as error:
            raise CannotServe(_why_not(host, port, error)) from error
        yield listener


def _why_not(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use; stop what uses it, or choose another with --port (0: a free one)"
        case errno.EACCES:
            return f"port {port} needs more rights than this user has; choose one from 1024 on with --port"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine; choose another with --host (0.0.0.0: all of them)"
        case _:
            return f"can't listen on {host}:{port}: {error.strerror}"


@contextmanager
def part_logs(folder: Path, *, echo: bool) -> Iterator[Callable[[str, str], None]]:
    """Yield what takes a line of a part: to `folder`/NAME.log and, with `echo`, to standard error."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as files:
        opened: dict[str, Callable[[str], object]] = {}

        def wrote(name: str, line: str) -> None:
            if name not in opened:
                opened[name] = files.enter_context(_log_file(folder / f"{name}.log").open("a", buffering=1)).write
            opened[name](line + "\n")
            if echo:
                sys.stderr.write(f"{name:<6} | {line}\n")

        yield wrote


def _log_file(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LARGE_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


def _reachable(host: str, port: int) -> tuple[str, int]:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port

"""The supervisor's composition root: three parts on one data directory, from the lock to the last goodbye.

The socket is bound here and handed down, so that a client only waits while the API is started again; bots run under
the bot host, so that neither the API's nor the speech server's death ends a call.
"""

import asyncio
import contextlib
import errno
import fcntl
import functools
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import typer

from api.auth import Tokens, signing_secret
from api.embedded import speech_command, speech_environment
from api.errors import ControlPlaneError
from api.settings import EVERYWHERE, Settings
from orchestrator.children import Child
from orchestrator.errors import ChildFailed
from orchestrator.forks import ONE_THREAD
from orchestrator.launchers import load_launcher
from orchestrator.logs import configure_logs
from orchestrator.probes import answers, hears, launches, on_port, on_socket
from orchestrator.supervisor import HOPELESS, Supervisor

SIGN_IN_FOR = timedelta(hours=12)
ADMIN_TENANT = "default"
STILL_WAITING_S = 15.0
LONGEST_SOCKET_PATH = 107  # bytes; sun_path of unix(7) without its end
LARGE_LOG = 5_000_000
# SIGTERM to SIGKILL, in the order they stop in: together, all is gone within 14 s. The bots' is longer than what their
# host gives them to say good-bye in (`orchestrator.host.DRAIN_S`).
BOTS_GRACE_S, API_GRACE_S, SPEECH_GRACE_S = 10.5, 2.5, 1.0
# A part that is there and says nothing for so long is started again. The speech server's models run on threads of their
# own, so it answers within a second, whatever it is at; with the bot host go its bots, so it has the longest.
SPEECH_DEAF_S, API_DEAF_S, BOTS_DEAF_S = 6.0, 12.0, 15.0
# What both refuse by themselves, whatever has become of the database and the cluster.
TO_API, TO_BOTS = b"GET /metrics HTTP/1.0\r\n\r\n", b"{}\n"

_ALWAYS = {**ONE_THREAD, "PYTHONUNBUFFERED": "1"}


class CannotServe(ControlPlaneError):
    """The port or the data directory can't be had, or a part can't run as it is set up; says what to do."""

    code = "cannot_serve"


def serve(settings: Settings, *, quiet: bool) -> None:
    """Serve until told to stop.

    Raises `CannotServe`, also when a part says that it can't run as it is set up; `ChildFailed` when one can't be kept
    alive for another reason.


    quiet: the parts' logs go to files alone.
    """
    configure_logs(settings.log_format, "error" if quiet else settings.log_level)
    with (
        claimed(settings.data_dir),
        listening(settings.listen_host, settings.listen_port) as listener,
        part_logs(settings.run_dir / "logs", echo=not quiet) as wrote,
    ):
        settings = settings.model_copy(update={"listen_port": listener.getsockname()[1]})
        supervisor = Supervisor(parts(settings, listener), wrote=wrote)
        asyncio.run(_Serving(settings, supervisor).run())


def serve_node(settings: Settings, *, quiet: bool) -> None:
    """Run bots for control planes elsewhere until told to stop; raises what `serve` does.

    quiet: the parts' logs go to files alone.
    """
    configure_logs(settings.log_format, "error" if quiet else settings.log_level)
    with claimed(settings.data_dir), part_logs(settings.run_dir / "logs", echo=not quiet) as wrote:
        asyncio.run(_Serving(settings, Supervisor(node_parts(settings), wrote=wrote), node=True).run())


class _Serving:
    """Runs the supervisor, tells the person at the terminal how far it is, and hears when to stop.

    node: there is no control plane here, and so nowhere to sign in.
    """

    def __init__(self, settings: Settings, supervisor: Supervisor, *, node: bool = False) -> None:
        self._settings, self._supervisor, self._node = settings, supervisor, node
        self._told, self._interrupted = asyncio.Event(), False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)  # nohup's wish
        for number in (signal.SIGTERM, signal.SIGINT, *hang_up):
            loop.add_signal_handler(number, self._leave, number)
        try:
            async with asyncio.TaskGroup() as tasks:
                announcing = tasks.create_task(self._announce(), name="announce")
                running = tasks.create_task(self._supervisor.run(), name="supervisor")
                await self._told.wait()
                announcing.cancel()
                self._supervisor.stop(interrupted=self._interrupted)
                await running
        except* ChildFailed as failures:
            raise _reason(failures) from None

    def _leave(self, number: signal.Signals) -> None:
        if self._told.is_set():  # asked twice: at once; the parts are on a leash and go with us
            os._exit(128 + signal.SIGINT)
        self._interrupted = number is not signal.SIGTERM
        typer.echo(f"stopping: {self._what_comes_of_calls()}", err=True)
        self._told.set()

    def _what_comes_of_calls(self) -> str:
        if self._interrupted:
            return "calls end, which may take some seconds"
        drain_s = self._settings.drain_s
        first = f"calls may go on for {drain_s:g} s; " if drain_s else ""
        return f"{first}those under way go on with the next server on this data directory, or at another replica"

    async def _announce(self) -> None:
        names = self._supervisor.names
        typer.echo(f"starting {', '.join(names)} in {self._settings.data_dir}")
        async with asyncio.TaskGroup() as tasks:
            reminding = tasks.create_task(self._remind(), name="remind")
            async with asyncio.TaskGroup() as waiting:
                for name in names:
                    waiting.create_task(self._tell_when_ready(name), name=f"{name} ready")
            while missing := self._missing():  # ready once, and gone before the others were
                await self._supervisor.until_ready(missing[0])
            reminding.cancel()
        if self._node:
            typer.echo(f"ready: bots start in {self._settings.data_dir.absolute()}")
            return
        here = self._settings.internal
        token = Tokens(signing_secret(self._settings.secret_file)).issue(ADMIN_TENANT, expires_in=SIGN_IN_FOR)
        for line in cautions(self._settings):
            typer.echo(f"warning: {line}", err=True)
        typer.echo(f"ready {here}")
        typer.echo(f"sign in: {self._settings.public_url or here}/app#token={token}")

    async def _tell_when_ready(self, name: str) -> None:
        began = asyncio.get_running_loop().time()
        await self._supervisor.until_ready(name)
        typer.echo(f"  {name} is ready ({asyncio.get_running_loop().time() - began:.1f} s)")

    async def _remind(self) -> None:
        logs = self._settings.run_dir / "logs"
        while True:
            await asyncio.sleep(STILL_WAITING_S)
            typer.echo(f"  still waiting for {', '.join(self._missing())}; what it says is in {logs}")

    def _missing(self) -> list[str]:
        return [name for name in self._supervisor.names if name not in self._supervisor.ready()]


def parts(settings: Settings, listener: socket.socket) -> list[Child]:
    """Return the parts the settings ask for, in the order they start in; they stop the other way round.

    So bots leave while the API can still hear them, and the speech server goes last.
    """
    where = {
        "DATA_DIR": str(settings.data_dir.absolute()),
        "LISTEN_HOST": settings.listen_host,
        "LISTEN_PORT": str(settings.listen_port),
        "DRAIN_S": str(settings.drain_s),
    }
    env = {**os.environ, **where, **_ALWAYS}
    found = [_speech(settings, speech_environment(settings) | _ALWAYS)] if settings.needs_speech_server else []
    found.append(_api(settings, env, listener.fileno()))
    found.append(_cluster(settings, env) if settings.launcher == "ray" else _bots(settings, env))
    return found


def node_parts(settings: Settings) -> list[Child]:
    """Return the parts of a machine that runs bots for control planes elsewhere, in the order they start in."""
    env = {**os.environ, "DATA_DIR": str(settings.data_dir.absolute()), "DRAIN_S": str(settings.drain_s), **_ALWAYS}
    found = [_speech(settings, speech_environment(settings) | _ALWAYS)] if settings.needs_speech_server else []
    found.append(_bots(settings, env))
    if settings.storage_url is not None:
        argv = (sys.executable, "-m", "orchestrator.porter", "--data-dir", str(settings.data_dir.absolute()))
        found.insert(0, Child("porter", argv, _at_once, env=env))
    return found


async def _at_once() -> bool:
    return True


def _reason(failures: ExceptionGroup[ChildFailed]) -> Exception:
    """Return what to tell of parts that failed: of one that can't run as it is set up its last line, which says why."""
    failure = failures.exceptions[0]
    if isinstance(failure, ChildFailed) and failure.code in HOPELESS and failure.words:
        return CannotServe(f"{failure.child}: {failure.words.splitlines()[-1].removeprefix('audio.server: ')}")
    return failure


def cautions(settings: Settings) -> Iterator[str]:
    """Yield what a person should know who sends out links to this server."""
    if settings.public_url is None and settings.listens_everywhere:
        yield f"PUBLIC_URL is not set, so join links begin with this machine's own address, {settings.public}"
    if not settings.microphones_open:
        yield (
            f"browsers give no microphone to {settings.public}: they want HTTPS (or localhost); "
            "put a proxy with a certificate in front and set PUBLIC_URL=https://…"
        )


def _speech(settings: Settings, env: Mapping[str, str]) -> Child:
    path = settings.speech_socket.absolute()
    argv = speech_command(settings, path)
    ready = functools.partial(answers, on_socket(path), "/health")
    return Child("speech", argv, ready, env=env, grace_s=SPEECH_GRACE_S, deaf_s=SPEECH_DEAF_S)


def _api(settings: Settings, env: Mapping[str, str], descriptor: int) -> Child:
    argv = (sys.executable, "-m", "api", "--fd", str(descriptor))
    at = on_port(*_reachable(settings.listen_host, settings.listen_port))
    return Child(
        "api",
        argv,
        lambda: answers(at, "/v1/health"),
        env=env,
        pass_fds=(descriptor,),
        grace_s=API_GRACE_S,
        deaf_s=API_DEAF_S,
        alive=lambda: hears(at, TO_API),
    )


def _bots(settings: Settings, env: Mapping[str, str]) -> Child:
    argv = (sys.executable, "-m", "orchestrator.host", "--socket", str(settings.bots_socket.absolute()))
    launcher = load_launcher("process", settings.data_dir.absolute())
    grace_s = settings.drain_s + BOTS_GRACE_S
    return Child(
        "bots",
        argv,
        lambda: launches(launcher),
        env=env,
        grace_s=grace_s,
        interrupt=signal.SIGINT,
        deaf_s=BOTS_DEAF_S,
        alive=lambda: hears(on_socket(settings.bots_socket.absolute()), TO_BOTS),
    )


def _cluster(settings: Settings, env: Mapping[str, str]) -> Child:
    argv = (sys.executable, "-m", "orchestrator.cluster", "--socket", str(settings.bots_socket.absolute()))
    launcher = load_launcher("ray", settings.data_dir.absolute())
    closed = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}
    return Child(
        "bots",
        argv,
        lambda: launches(launcher),
        env={**closed, **env},
        grace_s=API_GRACE_S,
        deaf_s=BOTS_DEAF_S,
        alive=lambda: hears(on_socket(settings.bots_socket.absolute()), TO_BOTS),
    )


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
    """Yield what takes a line of a part: to `folder`/NAME.log and, with `echo`, to standard error.

    Lines that a full disk does not take are lost, and nothing else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as files:
        opened: dict[str, Callable[[bytes], object]] = {}

        def wrote(name: str, line: str) -> None:
            with contextlib.suppress(OSError):
                if name not in opened:
                    opened[name] = files.enter_context(_log_file(folder / f"{name}.log").open("ab", buffering=0)).write
                opened[name](f"{line}\n".encode())
            if echo:
                with contextlib.suppress(OSError):
                    sys.stderr.write(f"{name:<6} | {line}\n")

        yield wrote


def _log_file(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LARGE_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


def _reachable(host: str, port: int) -> tuple[str, int]:
    return EVERYWHERE.get(host, host), port

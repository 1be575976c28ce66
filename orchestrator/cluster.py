"""`python -m orchestrator.cluster --socket PATH`: a bot host whose places are those of a Ray cluster.

Ray chooses the machine; the bot host there (`vivavoce node`) runs the bot as it runs any other. Between the two stands
one named, detached actor per bot, `BotKeeper`, which holds one place (the resource `bot`) from the start of its bot to
its end. It keeps the bot on a tether: an actor that is lost takes its bot out of the call with it. No actor is
started again by Ray: what goes on with a call is the next incarnation, which the control plane sends.

This is the only file that imports Ray, and this process the only one of a control plane that is part of the cluster:
Ray ends its processes when it loses its head for long. All that is known here is in Ray's list of named actors and in
one more actor, `Roster`; any number of control planes see the same bots, and a restarted one sees them again.
"""

import argparse
import asyncio
import math
import os
import signal
import socket as network
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import ray
import structlog
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from bot.spec import BotSpec
from orchestrator import NO_PLACE, Capacity, Departure, Exited, LaunchHandle, LaunchStatus, Lost, Pending, Running, wire
from orchestrator.door import Door
from orchestrator.errors import CapacityError, LaunchError
from orchestrator.launchers.process import ProcessLauncher
from orchestrator.logs import configure_logs, names_of
from orchestrator.roster import Roster, View
from orchestrator.storage import is_bucket

log = structlog.get_logger(__name__)

NAMESPACE = "vivavoce"
PLACE = "bot"  # the resource of which a node has as many as bots fit there, and each bot takes one
ROSTER = "roster"
EX_CONFIG = 78  # sysexits.h
BOT_LOOK_S = 0.25  # how often a node's host is asked for its bot
CARRIED_WITHIN_S = 3.0
TELL_EVERY_S = 2.0  # how often the roster is told of a bot that runs, should it have forgotten
LOOK_S = 0.5
PLACED_ANSWERS_S = 1.0
ROSTER_ANSWERS_S = 2.0
STALE_S = 5.0  # older than that, what was seen of the cluster is no answer
RETRY_S = 2.0
NOT_BEGUN = Exited(128 + signal.SIGTERM, "it had not begun", asked=True)
RAY_ERRORS = (RayError, ConnectionError, RuntimeError, ValueError, OSError)  # Ray raises its own and these


class BotKeeper:
    """An actor: has the bot host of its node run one bot, for as long as that lasts."""

    def __init__(self, spec: str) -> None:
        """spec: as `BotSpec.for_pipe` gives it. The node's host and speech server are those of DATA_DIR."""
        data_dir = Path(os.environ.get("DATA_DIR", "data")).absolute()
        self._spec = _on_this_node(BotSpec.model_validate_json(spec), data_dir)
        self._handle = LaunchHandle.of(self._spec)
        self._host = ProcessLauncher(data_dir)
        self._once = asyncio.Lock()
        self._ended: wire.Json | None = None
        self._asked_s: float | None = None  # to leave, within so long

    async def run(self) -> wire.Json:
        """Run the bot, unless that was asked before, and return how it ended."""
        async with self._once:
            if self._ended is None:
                ended = await self._run()
                await self._handed_over()
                self._ended = wire.pack_status(ended)
            with suppress(*RAY_ERRORS):  # whoever asked hears it in any case
                await asyncio.to_thread(_note, str(self._handle), self._ended)
        return self._ended

    async def stop(self, grace_s: float) -> None:
        """Ask the bot to leave, also one that is about to begin; see `RunsBots`."""
        self._asked_s = grace_s
        await self._host.stop(self._handle, grace=timedelta(seconds=grace_s))

    def _grace_s(self) -> float | None:
        return self._asked_s

    async def _run(self) -> Exited:
        if self._grace_s() is not None:
            return NOT_BEGUN
        try:
            async with self._host.tethered(self._spec):
                if (grace_s := self._grace_s()) is not None:  # asked meanwhile
                    await self.stop(grace_s)
                return await self._until_ended()
        except LaunchError as error:  # nobody runs a bot here, or nobody any more: the host's bots die with it
            return Exited(128 + signal.SIGKILL, f"{network.gethostname()}: {error}")

    async def _handed_over(self) -> None:
        """Wait a little until the porter has carried what the bot had not told: its successor goes on from it."""
        if is_bucket(os.environ.get("STORAGE_URL")):
            with suppress(TimeoutError):
                async with asyncio.timeout(CARRIED_WITHIN_S):
                    while self._spec.outbox.exists():  # noqa: ASYNC110 - another process carries it
                        await asyncio.sleep(0.05)

    async def _until_ended(self) -> Exited:
        told_at = -math.inf
        while not isinstance(status := await self._host.poll(self._handle), Exited):
            if isinstance(status, Lost):
                return Exited(128 + signal.SIGKILL, f"{network.gethostname()}: its bot host began anew")
            if time.monotonic() - told_at >= TELL_EVERY_S:
                told_at = time.monotonic()
                with suppress(*RAY_ERRORS):  # the head is away; the bot goes on
                    here = replace(status, node=network.gethostname()) if isinstance(status, Running) else status
                    await asyncio.to_thread(_note, str(self._handle), wire.pack_status(here))
            await asyncio.sleep(BOT_LOOK_S)
        return status


# Spread: the fewer bots share a machine, the fewer are lost with it.
_BotKeeper: Any = ray.remote(num_cpus=0, resources={PLACE: 1}, max_restarts=0, scheduling_strategy="SPREAD")(BotKeeper)
_Roster: Any = ray.remote(num_cpus=0, max_restarts=-1)(Roster)


class Cluster:
    """What is behind the door: see `RunsBots`.

    patience_s: how long a bot may wait for a machine; most_waiting: how many may.
    """

    def __init__(self, address: str, *, patience_s: float, most_waiting: int) -> None:
        self._address, self._patience_s, self._most_waiting = address, patience_s, most_waiting
        self._door = Door(self)
        self._view = View()
        self._trouble = "it was not reached yet"
        self._followed: set[str] = set()
        self._starting = asyncio.Lock()
        self._tasks = asyncio.TaskGroup()
        self._told = asyncio.Event()

    async def serve(self, socket: Path) -> None:
        """Answer on `socket` until SIGTERM or SIGINT; the bots run on."""
        async with self._tasks:
            async with self._door.open(socket):
                self._hear_signals()
                self._tasks.create_task(self._keep_looking(), name="look")
                log.info("cluster_door_open", socket=str(socket), cluster=self._address)
                await self._told.wait()
            os._exit(0)  # nothing here is to be kept, and threads that wait for an answer of Ray can't be stopped

    # ---- what is behind the door ------------------------------------------------------------------------------------

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Have one bot placed; it may wait for a machine. See `RunsBots`."""
        handle = LaunchHandle.of(spec)
        name = str(handle)
        async with self._starting:  # of two that want the last place one gets it
            view = self._fresh()
            if name not in view.names and not view.ended(name):
                if len(view.alive()) >= view.total + self._most_waiting:
                    raise CapacityError(_full(view.total, self._most_waiting), total=view.total)
                await self._ask(_place, name, spec.for_pipe())
                self._view.names.add(name)  # another by now, perhaps, than what was looked at
                log.info("bot_placed", **names_of(handle))
        self._follow(name)
        return handle

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return where one bot stands; see `RunsBots`."""
        view, name = self._fresh(), str(handle)
        known = view.known.get(name)
        if view.ended(name) and known is not None:
            return wire.unpack_status(known)
        if name not in view.names:
            return Lost()
        return Pending() if known is None else wire.unpack_status(known)

    async def stop(self, handle: LaunchHandle, grace_s: float) -> None:
        """Ask one bot to leave; one that waits for a machine waits no longer. See `RunsBots`."""
        status = await self.poll(handle)
        if not isinstance(status, Pending | Running) or (actor := await self._ask(_actor, str(handle))) is None:
            return
        # One that waits does not answer; one that has just begun does, and may not be known to.
        patience_s = PLACED_ANSWERS_S if isinstance(status, Pending) else STALE_S
        try:
            await self._ask(lambda: ray.get(actor.stop.remote(grace_s), timeout=patience_s))
        except LaunchError:
            if self._view.ended(str(handle)):  # while it was asked, and its actor went with it
                return
            if not isinstance(status, Pending):
                raise
            await self._give_up(str(handle), NOT_BEGUN)

    async def let_go(self, handle: LaunchHandle) -> None:
        """No bot is on a tether here: each has its `BotKeeper`."""

    async def list(self) -> Sequence[LaunchHandle]:
        """Return every bot that waits or runs; see `RunsBots`."""
        return [handle for name in self._fresh().alive() if (handle := _handle(name)) is not None]

    async def capacity(self) -> Capacity:
        """Return how many bots fit on all machines; see `RunsBots`."""
        view = self._fresh()
        alive = view.alive()
        pending = sum(name not in view.known for name in alive)
        return Capacity(total=view.total, free=max(0, view.total - len(alive)), pending=pending)

    def _hear_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._told.set)

    # ---- the cluster ------------------------------------------------------------------------------------------------

    def _fresh(self) -> View:
        if time.monotonic() - self._view.at > STALE_S:
            raise LaunchError(f"the Ray cluster at {self._address} does not answer: {self._trouble}")
        return self._view

    async def _keep_looking(self) -> None:
        while True:
            try:
                if not ray.is_initialized():
                    await asyncio.to_thread(_join, self._address)
                    self._hear_signals()  # Ray has put its own in their place
                await self._look()
            except (*RAY_ERRORS, LaunchError) as error:
                self._trouble = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
                log.warning("cluster_unreachable", cluster=self._address, why=self._trouble)
                await asyncio.sleep(RETRY_S)
            else:
                await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        names, total, known, overdue = await asyncio.to_thread(_look_around, self._patience_s)
        before = self._view
        if known is None:  # the roster's machine is gone, or about to be found so: what was known holds
            known = {name: status for name, status in before.known.items() if name in names or before.ended(name)}
        # What was asked before something happened here does not undo it.
        just_placed = {name for name in before.names if name in self._followed}
        just_ended = {name: before.known[name] for name in names if before.ended(name)}
        self._view = View(time.monotonic(), just_placed.union(names), {**known, **just_ended}, total)
        for name in overdue:
            words = f"no machine had a place for it within {self._patience_s:g} s"
            await self._give_up(name, Exited(NO_PLACE, words))
        for name in self._view.alive():
            self._follow(name)

    async def _ask(self, ask: Callable[..., Any], *arguments: Any) -> Any:
        try:
            async with asyncio.timeout(STALE_S):
                return await asyncio.to_thread(ask, *arguments)
        except (*RAY_ERRORS, TimeoutError) as error:
            raise LaunchError(f"the Ray cluster at {self._address} did not take it: {error}") from error

    def _follow(self, name: str) -> None:
        if name not in self._followed:
            self._followed.add(name)
            self._tasks.create_task(self._until_ended(name), name=name)

    async def _until_ended(self, name: str) -> None:
        """See one bot to its end, and free its place then."""
        handle = _handle(name)
        try:
            actor = await asyncio.to_thread(_actor, name)
            if actor is not None:
                self._view.known[name] = await actor.run.remote()
                await asyncio.to_thread(ray.kill, actor)
        except RAY_ERRORS as error:  # given up, or its machine can't be reached: for good or not, Ray's list says
            about = {"actor": name} if handle is None else names_of(handle)
            log.warning("keeper_lost", **about, why=type(error).__name__)
        self._followed.discard(name)
        status = self._view.known.get(name)
        if handle is not None and status is not None and status["is"] == "exited":
            exited = wire.unpack_status(status)
            assert isinstance(exited, Exited)  # what "exited" unpacks to
            log.info("bot_exited", **names_of(handle), code=exited.code, reason=exited.reason)
            self._door.tell(Departure(handle, exited))

    async def _give_up(self, name: str, ending: Exited) -> None:
        self._view.known[name] = wire.pack_status(ending)
        await self._ask(_note, name, self._view.known[name])
        if (actor := await self._ask(_actor, name)) is not None:
            await self._ask(ray.kill, actor)


def _on_this_node(spec: BotSpec, data_dir: Path) -> BotSpec:
    """Return the spec with this node's speech server and folders in place of the control plane's own."""
    own = data_dir / "run" / "speech.sock"
    ears = {name: own for name in ("stt_socket", "tts_socket") if getattr(spec.speech, name) is not None}
    local: dict[str, object] = {"speech": spec.speech.model_copy(update=ears)}
    if is_bucket(os.environ.get("STORAGE_URL")):  # the porter carries on from there
        outboxes, recordings = data_dir / "outbox", data_dir / "recordings"
        for folder in (outboxes, recordings):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        local["outbox"] = outboxes / spec.outbox.name
        if spec.recording is not None:
            local["recording"] = recordings / spec.recording.name
        if spec.meeting is not None:
            evidence = recordings / spec.meeting.evidence.name
            local["meeting"] = spec.meeting.model_copy(update={"evidence": evidence})
    return spec.model_copy(update=local)


def _join(address: str) -> None:
    ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, configure_logging=False)


def _look_around(patience_s: float) -> "tuple[list[str], int, dict[str, wire.Json] | None, list[str]]":
    """Return the bots there are, how many fit, what the roster knows of them, and which have waited for too long."""
    names = [name for name in ray.util.list_named_actors() if name != ROSTER]
    total = int(ray.cluster_resources().get(PLACE, 0))
    try:
        known, overdue = ray.get(_roster().look.remote(names, patience_s), timeout=ROSTER_ANSWERS_S)
    except RayError as error:
        log.warning("roster_unreachable", why=type(error).__name__)
        return names, total, None, []
    return names, total, known, overdue


def _roster() -> Any:
    # Where it is made, which is at a control plane: machines that run bots come and go.
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    options = {"name": ROSTER, "namespace": NAMESPACE, "lifetime": "detached", "get_if_exists": True}
    return _Roster.options(**options, scheduling_strategy=here).remote()


def _note(name: str, status: wire.Json) -> None:
    ray.get(_roster().note.remote(name, status), timeout=STALE_S)


def _place(name: str, spec: str) -> None:
    _BotKeeper.options(name=name, namespace=NAMESPACE, lifetime="detached", get_if_exists=True).remote(spec)


def _actor(name: str) -> Any:
    try:
        return ray.get_actor(name, namespace=NAMESPACE)
    except ValueError:  # there is none, or none any more
        return None


def _handle(name: str) -> LaunchHandle | None:
    match name.split("/"):
        case [interview, attempt, epoch] if epoch.isdecimal():
            return LaunchHandle(interview, attempt, int(epoch))
    return None


def main() -> None:
    """Answer until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m orchestrator.cluster", description="Runs bots on a Ray cluster.")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to answer on")
    options = parser.parse_args()
    configure_logs(os.environ.get("LOG_FORMAT", "console"), os.environ.get("LOG_LEVEL", "info"))
    if os.environ.get("RAY_AUTH_MODE") != "token":
        _refuse("RAY_AUTH_MODE: whoever reaches a Ray cluster without tokens runs what they like on it; say token")
    cluster = Cluster(
        os.environ.get("RAY_ADDRESS", "auto"),
        patience_s=_number("PENDING_S", 60.0),
        most_waiting=int(_number("MAX_PENDING", 8)),
    )
    options.socket.unlink(missing_ok=True)  # left by one that was killed; `serve` locks the data directory
    asyncio.run(cluster.serve(options.socket))


def _number(name: str, default: float) -> float:
    try:
        number = float(os.environ.get(name, default))
    except ValueError:
        number = -1.0
    if not (0 <= number < math.inf):
        _refuse(f"{name}={os.environ[name]}: give a number from 0 on")
    return number


def _refuse(words: str) -> NoReturn:
    sys.stderr.write(words + "\n")
    sys.exit(EX_CONFIG)


def _full(total: int, waiting: int) -> str:
    if total == 0:
        return "no machine of the cluster has places for bots; start one with --resources='{\"bot\": 8}'"
    return f"all {total} places for bots in the cluster are taken, and {waiting} may wait (MAX_PENDING)"


if __name__ == "__main__":
    from orchestrator import cluster  # Ray finds a class by its module's name, which is not __main__ on other machines

    cluster.main()

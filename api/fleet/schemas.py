"""What is told of bots and of the places that run them."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from api.interviews.schemas import Time
from api.interviews.states import Status
from bot.spec import Mode


class Whereabouts(StrEnum):
    """How things stand with a bot."""

    STARTING = "starting"  # it is being started just now
    PENDING = "pending"  # it waits for a machine
    RUNNING = "running"
    LEAVING = "leaving"  # it was told to stop, and still runs
    LOST = "lost"  # it should run, and nobody answers for it: another will be sent, or the call ends


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class BotOut(_Out):
    """One bot at work. epoch: its incarnation, from 1. node: the machine of a cluster it runs on, else the place
    that looks after it; pid: its process there, where this server's launcher runs it. lease_until: until then nobody
    else may send another in its stead.
    """

    interview_id: str
    attempt_id: str
    epoch: int
    mode: Mode
    status: Status
    state: Whereabouts
    bot_state: str | None
    node: str | None
    pid: int | None
    started_at: Time
    lease_until: Time | None


class NodeOut(_Out):
    """A place that runs bots: one data directory and whoever serves it. bots: how many it looks after."""

    node: str
    url: str | None
    since: Time | None
    bots: int


class RoomOut(_Out):
    """How many bots fit where this server starts them; pending: bots that wait for a machine.

    draining: it starts no more, and hands over before long what still runs there. total and free are null when the
    place where bots run can't be reached.
    """

    total: int | None
    free: int | None
    pending: int
    draining: bool = False


class FleetOut(_Out):
    """The fleet as it is now. here: the place of the server that was asked."""

    here: str
    capacity: RoomOut
    nodes: list[NodeOut]
    bots: list[BotOut]

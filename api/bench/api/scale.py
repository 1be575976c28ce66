"""How much the benchmark of the control plane does: what makes its figures steady, and what is enough for a look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts and times; each bounds the run.

    connections, rounds, round_s: of reading one interview, for each side. many, few: how long the two lists are that
    are compared, times: how often each is read. calls, readers, events_per_s, live_s: live interviews, their readers in
    all, and what each bot sends for how long.
    """

    connections: int = 8
    rounds: int = 12
    round_s: float = 1.0
    many: int = 100_000
    few: int = 100
    times: int = 150
    calls: int = 20
    readers: int = 200
    events_per_s: int = 10
    live_s: float = 15.0


FULL = Scale()
QUICK = Scale(rounds=4, round_s=0.5, many=20_000, times=40, live_s=4.0)

"""Reading one interview, beside a plain handler that reads the same row."""

from collections.abc import Sequence
from typing import Any

from api.bench import BenchOptions, Row
from api.bench.api.figures import Comparison, compared, rounds_as_json
from api.bench.api.ground import api_key, held, planned
from api.bench.api.load import Connection, Round, connected, hammer, request
from api.bench.api.scale import Scale
from api.bench.api.servers import Served, plain

RATE, SLOWER = 0.7, 3.0


async def reading_one(
    server: Served, tenant: str, scale: Scale, options: BenchOptions
) -> tuple[list[Row], dict[str, Any]]:
    """Return the figures of an interview that waits, of one that was held, and of that with an API key.

    A key is looked up at every request, so that a revoked one opens nothing anywhere from then on; a token is not. Its
    figures are told and have no aim.
    """
    token, key = server.token(tenant), await api_key(server, tenant)
    waiting, over = await planned(server, tenant), await held(server, tenant)
    asked = (
        ("one that waits", waiting, token, True),
        ("one that was held", over, token, True),
        ("one that was held, by API key", over, key, False),
    )
    rows: list[Row] = []
    details = {}
    async with (
        plain(server) as other,
        connected(other.port, scale.connections) as theirs,
        connected(server.port, scale.connections) as ours,
    ):
        for name, interview_id, login, aimed in asked:
            options.tell(f"GET /v1/interviews/…, {name}, in turns with a plain handler")
            plainly, wanted = request(f"/interviews/{interview_id}"), request(f"/v1/interviews/{interview_id}", login)
            plain_rounds, our_rounds = await _in_turns(scale, (theirs, plainly), (ours, wanted))
            rows += _rows(name, compared(plain_rounds, our_rounds), scale, aimed=aimed)
            details[name] = {"plain": rounds_as_json(plain_rounds), "ours": rounds_as_json(our_rounds)}
    return rows, {"one": details}


Side = tuple[Sequence[Connection], bytes]


async def _in_turns(scale: Scale, plain_side: Side, our_side: Side) -> tuple[list[Round], list[Round]]:
    """Plain, ours, ours, plain, …: what drifts or comes in waves hits both."""
    rounds: tuple[list[Round], list[Round]] = ([], [])
    for connections, wanted in (plain_side, our_side):  # what is made at first use is made now
        await hammer(connections, wanted, scale.round_s / 2)
    for number in range(scale.rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            connections, wanted = (plain_side, our_side)[side]
            rounds[side].append(await hammer(connections, wanted, scale.round_s))
    return rounds


def _rows(name: str, found: Comparison, scale: Scale, *, aimed: bool) -> list[Row]:
    how = f"{scale.connections} connections, {scale.rounds} rounds of {scale.round_s:g} s in turns"
    rates = f"{found.our_rate:.0f} of {found.plain_rate:.0f} requests/s; {how}"
    times = (
        f"p50 {found.our_p50:.1f} and {found.plain_p50:.1f} ms, p99 {found.our_p99:.1f} and {found.plain_p99:.1f} ms"
    )
    rate, slower = f"an interview, {name}: rate ÷ a plain handler's", f"an interview, {name}: p99 ÷ a plain handler's"
    rate_ratio, p99_ratio = round(found.rate_ratio, 2), round(found.p99_ratio, 2)
    if not aimed:
        return [Row(rate, rate_ratio, method=rates), Row(slower, p99_ratio, method=times)]
    return [
        Row.at_least(rate, rate_ratio, RATE, "", rates),
        Row.at_most(slower, p99_ratio, SLOWER, "", times),
    ]

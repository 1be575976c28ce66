"""Lists: a page of a very long one beside a page of a short one, deep pages, and every filter."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from api.bench import BenchOptions, Row
from api.bench.api.figures import middle_ratio
from api.bench.api.ground import APART, fill
from api.bench.api.load import Connection, connected, request
from api.bench.api.scale import Scale
from api.bench.api.servers import Served
from api.moments import rfc3339, utc_now

LONGER = 1.5
PAGE = 20
Query = Callable[[int], dict[str, Any]]
"""What the nth request for a list asks for."""


async def reading_lists(
    server: Served, tenant: str, scale: Scale, options: BenchOptions
) -> tuple[list[Row], dict[str, Any]]:
    """Return the figures of lists; the tenants that own them are named after `tenant`."""
    few, many = f"{tenant}-few", f"{tenant}-many"
    options.tell(f"writing {scale.many:,} interviews")
    await fill(server, few, scale.few)
    await fill(server, many, scale.many)
    rows: list[Row] = []
    details = {}
    options.tell(f"GET /v1/interviews, {PAGE} of {scale.many:,}, in turns with {PAGE} of {scale.few}")
    async with connected(server.port, 1) as (connection,):
        for name, query in _queries(scale.many, utc_now()):
            times = await _in_turns(connection, scale.times, server.token(few), server.token(many), query)
            rows.append(_row(name, *times, scale, promised=not rows))
            details[name] = {"short_ms": times[0], "long_ms": times[1]}
    return rows, {"lists": details}


def _queries(count: int, now: datetime) -> Iterator[tuple[str, Query]]:
    middle = now - count // 2 * APART
    yield "first page", lambda n: {}
    yield "page in the middle", lambda n: {"page": count // PAGE // 2}
    yield "last page", lambda n: {"page": count // PAGE}
    yield "status, one of 1,000", lambda n: {"status": "failed"}
    yield "status, nearly all", lambda n: {"status": "completed"}
    yield "two statuses", lambda n: {"status": ["completed", "failed"]}
    yield "candidate_id, 10", lambda n: {"candidate_id": "can_5"}
    yield "job_id, one of 100", lambda n: {"job_id": "job_7"}
    yield "template_id, one of 10", lambda n: {"template_id": "tpl_3"}
    yield "external_ref", lambda n: {"external_ref": "ref-77"}
    yield "created_after, half", lambda n: {"created_after": rfc3339(middle)}
    yield "created_before, half", lambda n: {"created_before": rfc3339(middle)}
    yield "created_before, counted anew each time", lambda n: {"created_before": rfc3339(now - timedelta(seconds=n))}


async def _in_turns(
    connection: Connection, times: int, short: str, long: str, query: Query
) -> tuple[list[float], list[float]]:
    """The first page of the short list and what is asked of the long one, a request each."""
    short_ms, long_ms = [], []
    plain = request(f"/v1/interviews?limit={PAGE}", short)
    for number in range(times):
        asked = urlencode({"limit": PAGE, **query(number)}, doseq=True)
        wanted = request(f"/v1/interviews?{asked}", long)
        if number == 0:  # what is made at first use is made now
            await connection.get(plain)
            await connection.get(wanted)
        short_ms.append(await connection.get(plain))
        long_ms.append(await connection.get(wanted))
    return short_ms, long_ms


def _row(name: str, short_ms: list[float], long_ms: list[float], scale: Scale, *, promised: bool) -> Row:
    found = middle_ratio(short_ms, long_ms)
    metric = f"list of {scale.many:,}, {name}: time ÷ the first page of {scale.few}"
    how = f"p50 {found.ours:.1f} and {found.plain:.1f} ms; {PAGE} of them, {scale.times} times each, in turns"
    value = round(found.ratio, 2)
    return Row.at_most(metric, value, LONGER, "", how) if promised else Row(metric, value, method=how)

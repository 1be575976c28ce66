"""The control plane over real HTTP, beside a plain FastAPI handler on the same database, in one run on one machine.

Each figure is a ratio or an age taken within the run, so that it means something on a busy machine as well: the two
sides take turns. Rates are not limited while it runs. With `--database URL --redis URL` (a PostgreSQL database and a
Redis 7 of their own) two replicas are measured too: events reported to one, read from the other.
"""

import secrets
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from api.bench import BenchOptions, BenchResult, Row, percentile
from api.bench.api.figures import Delivery
from api.bench.api.lists import reading_lists
from api.bench.api.live import deliver
from api.bench.api.one import reading_one
from api.bench.api.scale import FULL, QUICK, Scale
from api.bench.api.servers import control_plane
from api.database import Database
from api.errors import BadSettings

AGE_MS = 50.0


async def run(options: BenchOptions) -> BenchResult:
    """Measure for two minutes or so and return the figures; raise `BadSettings`, `ServerFailed` or `NotAnswered`."""
    return await measure(options, QUICK if options.quick else FULL)


async def measure(options: BenchOptions, scale: Scale) -> BenchResult:
    """Measure as much as `scale` says."""
    if (options.database is None) != (options.redis is None):
        raise BadSettings(["--database and --redis go together: two replicas need both"])
    tenant = f"bench-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-", ignore_cleanup_errors=True) as folder:
        async with control_plane(Path(folder)) as server:
            one, one_details = await reading_one(server, tenant, scale, options)
            lists, list_details = await reading_lists(server, tenant, scale, options)
            options.tell(f"{scale.readers} readers of {scale.calls} live interviews")
            alone = await deliver(scale, tenant, server, server)
    apart, apart_details = await two_replicas(options, tenant, scale)
    details = one_details | list_details | {"live_ages_ms": alone.ages_ms} | apart_details
    return BenchResult("api", (*one, *lists, *_delivery_rows("live", alone, scale), *apart), details)


async def two_replicas(options: BenchOptions, tenant: str, scale: Scale) -> tuple[list[Row], dict[str, Any]]:
    """Return the figures of two replicas behind one database and one bus, where there are such."""
    if options.database is None or options.redis is None:
        return [Row("two replicas", "not measured", method="give --database (PostgreSQL) and --redis")], {}
    options.tell("the same with two replicas: reported to one, read from the other")
    tables = Database(options.database)
    try:
        await tables.upgrade()
    finally:
        await tables.aclose()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vivavoce-bench-")))
        one, other = [
            await stack.enter_async_context(control_plane(folder, options.database, options.redis)) for _ in range(2)
        ]
        apart = await deliver(scale, tenant, one, other)
    return _delivery_rows("two replicas", apart, scale), {"replicas_ages_ms": apart.ages_ms}


def _delivery_rows(name: str, found: Delivery, scale: Scale) -> list[Row]:
    how = (
        f"sent by the bot → read; {scale.readers} readers, half of them by WebSocket, of {scale.calls} interviews with "
        f"{scale.events_per_s} events/s each for {scale.live_s:g} s, every tenth a turn"
    )
    of = f"of {found.expected}"
    return [
        Row(f"{name}: age of an event at its reader p50", percentile(found.ages_ms, 50), "ms", method=how),
        Row.at_most(f"{name}: age of an event at its reader p95", percentile(found.ages_ms, 95), AGE_MS, "ms", how),
        Row(f"{name}: events lost", found.lost, "", "0", found.lost == 0, of),
        Row(f"{name}: events twice or out of order", found.wrong, "", "0", found.wrong == 0, of),
    ]

"""How long a bot stays in its call without hearing that it is still the one.

Its place holds a lease, which others may take up once it has run out (`api/interviews/leases.py`). The control plane
confirms while at least half of it is left; a bot that has heard no such thing for one and a half leaves. So an outage
of one lease, a minute, ends no call, and two bots are never in one call for longer than a lease.
"""

import asyncio

from bot.uplink import Uplink

ASKED_AT = 1 / 12  # of a lease: every five seconds
LEFT_AT = 1.5


async def hold(uplink: Uplink, lease_s: float) -> None:
    """Keep asking; return when this incarnation has to leave the call, because nobody says that it may stay."""
    while uplink.silence_s <= LEFT_AT * lease_s:
        uplink.ask_to_stay()
        await asyncio.sleep(lease_s * ASKED_AT)

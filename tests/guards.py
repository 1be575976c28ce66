"""How long a test waits for what must happen before it says that it hangs: no measure, so far from any."""

from functools import partial

import websockets.asyncio.client

HANG_S = 30.0
connect = partial(websockets.asyncio.client.connect, open_timeout=HANG_S)

"""`python -m api`: the control plane by itself, on a socket it inherits or on LISTEN_HOST and LISTEN_PORT."""

import argparse
import asyncio
import os
import socket
import sys

import uvicorn
from fastapi import FastAPI

from api.app import close_streams, create_app
from api.errors import BadSettings
from api.settings import Settings, load_settings
from orchestrator.logs import configure_logs

STOP_WITHIN_S = 2
LARGEST_FRAME = 1 << 20
CANNOT_START = 2
DEAF_FOR_MS = 60_000


class Server(uvicorn.Server):
    """Tells its streams to end before it waits for them, and ends when the parts behind it have died."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    @property
    def broken(self) -> bool:
        """Whether the application's lifespan ended by an error: interviews would be looked after by nobody."""
        return bool(getattr(self.lifespan, "error_occurred", False))

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self.broken

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        close_streams(self._app)
        await super().shutdown(sockets)


def server(app: FastAPI, settings: Settings) -> Server:
    """Return the HTTP server of a control plane, ready to `serve`."""
    config = uvicorn.Config(
        app,
        host=settings.listen_host,
        port=settings.listen_port,
        lifespan="on",
        log_config=None,
        access_log=False,  # requests are logged with their ids, and without queries
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        server_header=False,
    )
    return Server(config, app)


def inherited(fd: int) -> socket.socket:
    """Return the listening socket `fd` with what every accepted connection is to inherit (tcp(7))."""
    listener = socket.socket(fileno=fd)
    # asyncio turns Nagle off only for sockets that say they are TCP; an answer in two writes would take 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A reader that was cut off but never reads would keep its connection half closed for ever.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAF_FOR_MS)
    return listener


def main() -> int:
    """Serve until told to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--fd", type=int, help="a listening socket inherited from the parent")
    options = parser.parse_args()
    try:
        settings = load_settings()
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_START
    configure_logs(settings.log_format, settings.log_level)
    os.umask(0o077)  # what is said in interviews is for this user's eyes alone
    sockets = None
    if options.fd is not None:
        sockets = [inherited(options.fd)]
    serving = server(create_app(settings), settings)
    asyncio.run(serving.serve(sockets))
    return 0 if serving.started and not serving.broken else 1


if __name__ == "__main__":
    sys.exit(main())

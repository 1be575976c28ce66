"""`python -m api`: the control plane by itself, on a socket it inherits or on LISTEN_HOST and LISTEN_PORT."""

import argparse
import asyncio
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


class _Server(uvicorn.Server):
    """A server that tells its streams to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._streams_of = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        close_streams(self._streams_of)
        await super().shutdown(sockets)


def server(settings: Settings) -> uvicorn.Server:
    """Return the control plane with its HTTP server, ready to `serve`."""
    app = create_app(settings)
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
    return _Server(config, app)


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
    sockets = None
    if options.fd is not None:
        sockets = [socket.socket(fileno=options.fd)]
    serving = server(settings)
    asyncio.run(serving.serve(sockets))
    return 0 if serving.started else 1


if __name__ == "__main__":
    sys.exit(main())

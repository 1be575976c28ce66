"""How routers become part of the application."""

from fastapi import APIRouter, FastAPI


def take(app: FastAPI, *routers: APIRouter) -> None:
    """Have `app` answer what `routers` do, the earlier first.

    Their routes go in as they are. `include_router` would build each of them again, and does so on the first request
    to each application: a second of a slow core, in which bots that come back after a restart wait.
    """
    for router in routers:
        app.router.routes.extend(router.routes)

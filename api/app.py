"""The control plane as a web application: its routes, what every request passes, and the services behind them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

from api import audit, docs, problems, runs, tickets, uplink
from api.bodies import PlainJson
from api.booking import endpoints as booking
from api.candidates.endpoints import RESUME_BODY, RESUME_PATH
from api.candidates.endpoints import router as candidates_router
from api.capabilities import router as capabilities_router
from api.coaching.endpoints import router as coaching_router
from api.composition import KINDS, Ground, control_plane
from api.consents.endpoints import router as consent_router
from api.copilot.endpoints import figures_router as copilot_figures_router
from api.copilot.endpoints import router as copilot_router
from api.copilot.socket import router as panel_router
from api.decisions.endpoints import router as decision_router
from api.dialects.catalogue import ALL
from api.dialects.dialect import Dialect, Speaking, chosen
from api.dialects.dialect import install as install_dialects
from api.dialects.dialect import uploads as dialect_uploads
from api.drafting.endpoints import router as drafting_router
from api.evaluation.endpoints import router as evaluation_router
from api.fleet.endpoints import router as fleet_router
from api.idempotency import Idempotency
from api.importing.endpoints import TRANSCRIPT_BODY, TRANSCRIPT_PATH
from api.importing.endpoints import router as importing_router
from api.interviewers import router as interviewers_router
from api.interviews import embedding, endpoints, live
from api.keys import endpoints as keys
from api.leading.endpoints import router as leading_router
from api.limits import RateHeaders
from api.middleware import BodyLimit, PlainUrls, RequestIds, SecurityHeaders
from api.moments import Clock, utc_now
from api.pages import pages_router, plans
from api.participants.endpoints import router as participant_router
from api.phone.endpoints import router as phone_router
from api.planning.endpoints import router as planning_router
from api.postings.endpoints import router as embed_router
from api.receipts.endpoints import router as receipt_router
from api.records.endpoints import record_router
from api.reports.endpoints import router as report_router
from api.room import room_router
from api.room.door import LinkDoor
from api.routing import take
from api.scorecards.endpoints import router as scorecard_router
from api.services import Services
from api.settings import Settings
from api.tasks.endpoints import router as task_router
from api.usage.endpoints import router as usage_router
from api.webhooks import endpoints as webhooks
from orchestrator import BotLauncher

log = structlog.get_logger(__name__)


def create_app(settings: Settings, *, launcher: BotLauncher | None = None, clock: Clock = utc_now) -> FastAPI:
    """Return the control plane as an ASGI application; its parts start and stop with its lifespan.

    launcher: where bots run, in place of the one the settings name.
    """
    ground = Ground(settings, clock)
    dialects = chosen(settings.dialects, ALL)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with control_plane(ground, launcher) as app.state.services:
            log.info("control_plane_ready", data_dir=str(settings.data_dir), public_url=settings.public)
            yield

    app = FastAPI(
        title="Viva Voce",
        version=version("vivavoce"),
        description="Interviews held by voice: create them, send a bot, follow them live, read what was said.",
        lifespan=lifespan,
        openapi_url=None,  # `api/docs.py` serves it
        docs_url=None,  # the ready-made pages load their scripts from elsewhere
        redoc_url=None,
        middleware=_middleware(ground, dialects),
    )
    problems.install(app)
    docs.install(app)
    _include(app)
    take(app, phone_router)
    install_dialects(app, dialects)
    door = LinkDoor(ground.links, ground.database, lambda *whose: app.state.services.consents.take_back(*whose), clock)
    take(app, uplink.router, room_router(ground.hub, door), plans.router, pages_router(frames=ground.frames))
    return app


def _middleware(ground: Ground, dialects: Sequence[Dialect]) -> list[Middleware]:
    """What every request passes on its way in, outermost first."""
    return [
        Middleware(RequestIds, answered=ground.meters.requested, spans=ground.spans),
        Middleware(Speaking, dialects=dialects),
        Middleware(SecurityHeaders),
        Middleware(RateHeaders),
        Middleware(
            BodyLimit,
            largest=ground.settings.max_body_bytes,
            uploads={
                RESUME_PATH: RESUME_BODY,
                booking.RESUME_PATH: RESUME_BODY,
                TRANSCRIPT_PATH: TRANSCRIPT_BODY,
                **dialect_uploads(dialects),
            },
        ),
        Middleware(PlainUrls),
        Middleware(Idempotency, clock=ground.clock),
        Middleware(PlainJson),
    ]


def _include(app: FastAPI) -> None:
    """Have `app` answer the calls of `/v1`."""
    take(
        app,
        planning_router,
        drafting_router,  # before what is addressed by an interview's id
        booking.router,
        evaluation_router,
        decision_router,
        report_router,
        scorecard_router,
        coaching_router,
        consent_router,
        receipt_router,
        task_router,
        importing_router,
        endpoints.router,
        embedding.router,
        live.router,
        participant_router,
        interviewers_router,
        copilot_router,
        copilot_figures_router,
        panel_router,
        leading_router,
        runs.router,
        keys.router,
        tickets.router,
        audit.router,
        webhooks.router,
        *map(record_router, KINDS),
        candidates_router,
        embed_router,
        capabilities_router,
        usage_router,
        fleet_router,
    )


def close_streams(app: FastAPI) -> None:
    """Have the long-lived connections of `app`, if it has started, end with a word."""
    services: Services | None = getattr(app.state, "services", None)
    if services is not None:
        services.close_streams()

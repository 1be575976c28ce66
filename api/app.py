"""The composition root: the only place that makes the parts of a control plane and puts them together."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

from api import audit, docs, problems, runs, tickets, uplink
from api.agents import AGENTS
from api.auth import Authenticator, Tokens, signing_secret
from api.bodies import PlainJson
from api.booking import endpoints as booking
from api.booking.service import Booking
from api.candidates.endpoints import RESUME_BODY, RESUME_PATH
from api.candidates.endpoints import router as candidates_router
from api.candidates.erasure import Erasures
from api.candidates.expiry import Expiry
from api.candidates.files import PersonalFiles, ResumeFiles
from api.candidates.kind import CANDIDATES
from api.candidates.reader import PdfReading
from api.candidates.resumes import Resumes
from api.capabilities import Capabilities
from api.capabilities import router as capabilities_router
from api.coaching.endpoints import router as coaching_router
from api.coaching.service import Coaching
from api.consents.endpoints import router as consent_router
from api.consents.service import ConsentService
from api.copilot.asking import Asking
from api.copilot.endpoints import figures_router as copilot_figures_router
from api.copilot.endpoints import router as copilot_router
from api.copilot.figures import Figures
from api.copilot.panel import Panel
from api.copilot.quiet import QuietKey
from api.copilot.socket import router as panel_router
from api.copilot.whisper import Whisper
from api.database import Database
from api.decisions.endpoints import router as decision_router
from api.decisions.service import DecisionService
from api.dialects.catalogue import ALL
from api.dialects.dialect import Dialect, Speaking, chosen
from api.dialects.dialect import install as install_dialects
from api.dialects.dialect import uploads as dialect_uploads
from api.drafting.endpoints import router as drafting_router
from api.drafting.modelled import ModelDrafter
from api.drafting.service import Drafting, Structured
from api.evaluation.endpoints import router as evaluation_router
from api.evaluation.engines import Engine, EngineName, StructuredEngine
from api.evaluation.model_engine import ModelEngine
from api.evaluation.overrides import Overrides
from api.evaluation.service import EvaluationService
from api.events.bus import open_bus
from api.events.nudges import open_nudges
from api.events.publisher import Publisher
from api.fleet.endpoints import router as fleet_router
from api.fleet.meters import Meters
from api.fleet.survey import Survey
from api.framing import Frames
from api.idempotency import Idempotency
from api.importing.endpoints import TRANSCRIPT_BODY, TRANSCRIPT_PATH
from api.importing.endpoints import router as importing_router
from api.importing.service import TranscriptImports
from api.interviewers import Interviewers
from api.interviewers import router as interviewers_router
from api.interviews import embedding, endpoints, live
from api.interviews.attempts import AttemptService
from api.interviews.dispatch import Dispatcher
from api.interviews.keeper import Keeper
from api.interviews.leases import Leases
from api.interviews.library import Library
from api.interviews.plans import PlanService
from api.interviews.receiver import Receiver
from api.interviews.recordings import Recordings, fetching
from api.interviews.scheduler import Scheduler
from api.interviews.service import InterviewService
from api.interviews.summary import summarise
from api.issuer import issuer_of
from api.jobs import JOBS
from api.keys import endpoints as keys
from api.keys.service import KeyService
from api.leading.endpoints import router as leading_router
from api.leading.service import LeadService
from api.limits import Rate, RateHeaders, RateLimiter, open_buckets
from api.links import Links
from api.middleware import BodyLimit, PlainUrls, RequestIds, SecurityHeaders
from api.model.opening import open_model
from api.moments import Clock, utc_now
from api.once import written_once
from api.pages import pages_router
from api.participants.endpoints import router as participant_router
from api.participants.service import Participants
from api.planning.endpoints import router as planning_router
from api.postings import POSTINGS
from api.postings.embeds import EmbedKeys
from api.postings.endpoints import router as embed_router
from api.publishing.admission import Admission
from api.publishing.service import Publishing
from api.receipts.endpoints import router as receipt_router
from api.receipts.service import Receipts
from api.records.endpoints import record_router
from api.records.kinds import Kind
from api.records.service import Registry
from api.replicas import Replicas
from api.reports.endpoints import router as report_router
from api.reports.service import Reports
from api.room import Hub, room_router
from api.room.door import LinkDoor
from api.room.relay.opening import open_relay
from api.routing import take
from api.scorecards.endpoints import router as scorecard_router
from api.scorecards.service import ScorecardService
from api.services import Services
from api.settings import Settings
from api.tasks.endpoints import router as task_router
from api.tasks.service import TaskService
from api.templates import TEMPLATES
from api.tickets import Tickets
from api.usage.endpoints import router as usage_router
from api.usage.service import Usage
from api.webhooks import endpoints as webhooks
from api.webhooks.courier import Courier
from api.webhooks.sender import Sender
from api.webhooks.service import WebhookService
from api.webhooks.targets import Targets
from bot.speech import speech_client
from orchestrator import BotLauncher
from orchestrator.launchers import load_launcher

log = structlog.get_logger(__name__)

KINDS: tuple[Kind[Any, Any, Any], ...] = (JOBS, CANDIDATES, AGENTS, TEMPLATES, POSTINGS)


def create_app(settings: Settings, *, launcher: BotLauncher | None = None, clock: Clock = utc_now) -> FastAPI:
    """Return the control plane as an ASGI application; its parts start and stop with its lifespan.

    launcher: where bots run, in place of the one the settings name.
    """
    for folder in (settings.data_dir, settings.run_dir, settings.recordings_dir, settings.outbox_dir):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = signing_secret(settings.secret_file)
    links = Links(secret, settings.public)
    issuer, rate = issuer_of(settings), Rate(settings.rate_per_minute, settings.rate_per_hour)
    frames = Frames(secret, settings.embed_origins, clock)
    database = Database(settings.database)
    relay = open_relay(settings.event_bus_url)
    hub = Hub(settings.ice_servers(), relay)
    resume_files = ResumeFiles(settings.data_dir / "resumes")
    personal_files = PersonalFiles(resume_files, settings.recordings_dir, settings.outbox_dir)

    meters = Meters()
    dialects = chosen(settings.dialects, ALL)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.aclose)
            await (database.upgrade() if database.own_file else database.require_current())
            bus = open_bus(settings.event_bus_url, ring=settings.stream_ring)
            stack.push_async_callback(bus.aclose)
            buckets = open_buckets(settings.event_bus_url)
            stack.push_async_callback(buckets.aclose)
            bots = launcher or load_launcher(settings.launcher, settings.data_dir.absolute())
            stack.push_async_callback(bots.aclose)
            nudges = open_nudges(settings.event_bus_url)
            stack.push_async_callback(nudges.aclose)
            model = open_model(settings)
            if model is not None:
                stack.push_async_callback(model.aclose)
            voice = speech_client(settings.speech_service())
            stack.push_async_callback(voice.aclose)
            publisher, tokens, uplinks = Publisher(bus, hub, meters.happened), Tokens(secret), uplink.Uplinks(nudges)
            place = written_once(settings.place_file, lambda: f"place_{secrets.token_hex(10)}")
            replicas = Replicas(database, place, settings.replica, secret, clock)
            await replicas.announce()
            fetcher = await stack.enter_async_context(fetching())
            runs_at = f"launcher:{settings.launcher}" if bots.shared else place
            leases = Leases(database, runs_at, timedelta(seconds=settings.lease_s), clock)
            api_keys = KeyService(database, rate, clock)
            bell, library = asyncio.Event(), Library()
            panel = Panel(database, bus, clock)
            receiver = Receiver(database, publisher, panel, bell, clock)
            dispatcher = Dispatcher(
                settings, database, publisher, bots, links, tokens, uplinks, leases, receiver, clock
            )
            engines: dict[EngineName, Engine] = {EngineName.STRUCTURED: StructuredEngine()}
            if model is not None:
                engines[EngineName.MODEL] = ModelEngine(model, settings.llm_raters)
            evaluations = EvaluationService(database, library, clock, engines)
            receipts = Receipts(database, publisher, settings.recordings_dir, settings.outbox_dir, clock)
            keeper = Keeper(
                settings,
                database,
                publisher,
                bots,
                dispatcher,
                receiver,
                summarise,
                evaluations.rate_unasked,
                receipts,
                leases,
                bell,
                clock,
            )
            targets = Targets(allow_private=settings.webhook_allow_private)
            courier = Courier(secret, targets, clock)
            sender = Sender(database, courier, clock, settings.watch_every_s)
            interviews = InterviewService(settings, database, publisher, library, links, dispatcher, targets, clock)
            plans = PlanService(database, publisher, library, clock)
            records = Registry(KINDS, database, clock)
            resumes = Resumes(database, resume_files, PdfReading(), clock)
            booked = Booking(database, interviews, records, resumes, plans)
            decisions = DecisionService(database, clock)
            scorecards = ScorecardService(database, library, clock)
            embed_keys = EmbedKeys(secret, database, clock)
            scheduler = Scheduler(database, publisher, interviews, clock, settings.watch_every_s)
            interviewers = Interviewers(database, panel, clock)
            app.state.services = Services(
                settings=settings,
                clock=clock,
                database=database,
                bus=bus,
                publisher=publisher,
                tokens=tokens,
                authenticator=Authenticator(tokens, api_keys, issuer),
                keys=api_keys,
                tickets=Tickets(database, clock),
                panel=panel,
                asking=Asking(database, panel, model, clock),
                quiet_key=QuietKey(database, panel, dispatcher, clock),
                copilot_figures=Figures(database, clock),
                whisper=Whisper(database, panel, voice, settings.tts_voice),
                interviewers=interviewers,
                leading=LeadService(database, publisher, panel, dispatcher, clock),
                limiter=RateLimiter(rate, buckets),
                model=model,
                links=links,
                frames=frames,
                launcher=bots,
                hub=hub,
                uplinks=uplinks,
                receiver=receiver,
                library=library,
                participants=Participants(database, interviewers, clock),
                drafting=Drafting(Structured(library), None if model is None else ModelDrafter(model)),
                interviews=interviews,
                plans=plans,
                recordings=Recordings(database, settings.recordings_dir, replicas, tokens, fetcher),
                booking=booked,
                imports=TranscriptImports(database, publisher, bell, clock),
                attempts=AttemptService(database, publisher, dispatcher, clock),
                records=records,
                evaluations=evaluations,
                overrides=Overrides(database, clock),
                decisions=decisions,
                reports=Reports(database, interviews, evaluations, decisions, scorecards, receipts, library),
                scorecards=scorecards,
                receipts=receipts,
                coaching=Coaching(database),
                consents=ConsentService(database, dispatcher, receipts, clock),
                tasks=TaskService(database, clock),
                embed_keys=embed_keys,
                publishing=Publishing(database, records, embed_keys, library, clock),
                admission=Admission(database, records, booked, interviews, clock),
                capabilities=Capabilities(settings),
                usage=Usage(database, clock),
                survey=Survey(database, bots, leases),
                meters=meters,
                webhooks=WebhookService(database, courier, targets, clock),
                resumes=resumes,
                erasures=Erasures(database, personal_files, clock),
            )
            log.info("control_plane_ready", data_dir=str(settings.data_dir), public_url=settings.public)
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(keeper.run(), name="keeper"),
                    tasks.create_task(scheduler.run(), name="scheduler"),
                    tasks.create_task(sender.run(), name="webhooks"),
                    tasks.create_task(Expiry(database, personal_files, clock).run(), name="expiry"),
                    tasks.create_task(uplinks.run(), name="nudges"),
                    tasks.create_task(relay.run(), name="rooms"),
                ]
                try:
                    yield
                finally:
                    close_streams(app)
                    for task in running:
                        task.cancel()

    app = FastAPI(
        title="Viva Voce",
        version=version("vivavoce"),
        description="Interviews held by voice: create them, send a bot, follow them live, read what was said.",
        lifespan=lifespan,
        openapi_url=None,  # `api/docs.py` serves it
        docs_url=None,  # the ready-made pages load their scripts from elsewhere
        redoc_url=None,
        middleware=_middleware(settings, dialects, meters, clock),
    )
    problems.install(app)
    docs.install(app)
    _include(app)
    install_dialects(app, dialects)
    take(app, uplink.router, room_router(hub, LinkDoor(links, database, clock)), pages_router(frames=frames))
    return app


def _middleware(settings: Settings, dialects: Sequence[Dialect], meters: Meters, clock: Clock) -> list[Middleware]:
    """What every request passes on its way in, outermost first."""
    return [
        Middleware(RequestIds, answered=meters.requested),
        Middleware(Speaking, dialects=dialects),
        Middleware(SecurityHeaders),
        Middleware(RateHeaders),
        Middleware(
            BodyLimit,
            largest=settings.max_body_bytes,
            uploads={
                RESUME_PATH: RESUME_BODY,
                booking.RESUME_PATH: RESUME_BODY,
                TRANSCRIPT_PATH: TRANSCRIPT_BODY,
                **dialect_uploads(dialects),
            },
        ),
        Middleware(PlainUrls),
        Middleware(Idempotency, clock=clock),
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
    """Have every long-lived connection end with a word, so that the server can stop; its clients come back."""
    services: Services | None = getattr(app.state, "services", None)
    if services is not None:
        services.closing.set()
        services.hub.close()

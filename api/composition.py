"""The composition root: the only place that makes the parts of a control plane and puts them together."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

import httpx

from api.agents import AGENTS
from api.auth import Authenticator, Tokens, signing_secret
from api.booking.service import Booking
from api.candidates.erasure import Erasures
from api.candidates.expiry import Expiry
from api.candidates.files import PersonalFiles, ResumeFiles
from api.candidates.kind import CANDIDATES
from api.candidates.reader import PdfReading
from api.candidates.resumes import Resumes
from api.capabilities import Capabilities
from api.coaching.service import Coaching
from api.consents.service import ConsentService
from api.copilot.asking import Asking
from api.copilot.figures import Figures
from api.copilot.panel import Panel
from api.copilot.quiet import QuietKey
from api.copilot.verdicts import Verdicts
from api.copilot.whisper import Whisper
from api.database import Database
from api.decisions.service import DecisionService
from api.drafting.modelled import ModelDrafter
from api.drafting.service import Drafting, Structured
from api.evaluation.engines import Engine, EngineName, StructuredEngine
from api.evaluation.model_engine import ModelEngine
from api.evaluation.overrides import Overrides
from api.evaluation.service import EvaluationService
from api.events import EventBus
from api.events.bus import open_bus
from api.events.nudges import Nudges, open_nudges
from api.events.publisher import Publisher
from api.fleet.meters import Meters
from api.fleet.survey import Survey
from api.framing import Frames
from api.importing.service import TranscriptImports
from api.interviewers import Interviewers
from api.interviews.attempts import AttemptService
from api.interviews.dispatch import Dispatcher
from api.interviews.keeper import Keeper
from api.interviews.leases import Leases
from api.interviews.library import Library
from api.interviews.plans import PlanService
from api.interviews.porter import Porter
from api.interviews.receiver import Receiver
from api.interviews.recordings import Recordings, fetching
from api.interviews.scheduler import Scheduler
from api.interviews.service import InterviewService
from api.interviews.summary import summarise
from api.interviews.writing_up import WritingUp
from api.issuer import issuer_of
from api.jobs import JOBS
from api.keys.service import KeyService
from api.leading.service import LeadService
from api.limits import Buckets, Rate, RateLimiter, open_buckets
from api.links import Links
from api.model import Model
from api.model.opening import open_model
from api.moments import Clock
from api.once import written_once
from api.participants.service import Participants
from api.phone.legs import Legs
from api.phone.service import Phone
from api.postings import POSTINGS
from api.postings.embeds import EmbedKeys
from api.publishing.admission import Admission
from api.publishing.service import Publishing
from api.receipts.service import Receipts
from api.records.kinds import Kind
from api.records.service import Registry
from api.replicas import Replicas
from api.reports.service import Reports
from api.room import Hub
from api.room.relay.opening import open_relay
from api.scorecards.service import ScorecardService
from api.services import Services
from api.settings import Settings
from api.tasks.service import TaskService
from api.telemetry import both, open_spans
from api.templates import TEMPLATES
from api.tickets import Tickets
from api.uplink import Uplinks
from api.usage.service import Usage
from api.webhooks.courier import Courier
from api.webhooks.sender import Sender
from api.webhooks.service import WebhookService
from api.webhooks.targets import Targets
from audio.client import SpeechClient
from bot.speech import speech_client
from orchestrator import BotLauncher
from orchestrator.launchers import load_launcher
from orchestrator.storage import Storage, open_storage

Loops: TypeAlias = Mapping[str, Callable[[], Coroutine[Any, Any, None]]]

KINDS: tuple[Kind[Any, Any, Any], ...] = (JOBS, CANDIDATES, AGENTS, TEMPLATES, POSTINGS)


class Ground:
    """What there is before anything runs; the routes share it with the services."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        for folder in (settings.data_dir, settings.run_dir, settings.recordings_dir, settings.outbox_dir):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings, self.clock = settings, clock
        self.secret = signing_secret(settings.secret_file)
        self.links = Links(self.secret, settings.public)
        self.frames = Frames(self.secret, settings.embed_origins, clock)
        self.database = Database(settings.database)
        self.relay = open_relay(settings.event_bus_url)
        self.hub = Hub(settings.ice_servers(), self.relay)
        self.resume_files = ResumeFiles(settings.data_dir / "resumes")
        self.personal_files = PersonalFiles(self.resume_files, settings.recordings_dir, settings.outbox_dir)
        self.meters, self.spans = Meters(), open_spans(settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """What is reached through a connection or a process of its own, open for as long as the control plane runs."""

    bus: EventBus
    buckets: Buckets
    bots: BotLauncher
    nudges: Nudges
    model: Model | None
    voice: SpeechClient
    fetcher: httpx.AsyncClient
    storage: Storage


@asynccontextmanager
async def control_plane(ground: Ground, launcher: BotLauncher | None = None) -> AsyncIterator[Services]:
    """Run a control plane until the block ends. launcher: where bots run, in place of the one the settings name."""
    settings, database = ground.settings, ground.database
    async with AsyncExitStack() as stack:
        if ground.spans is not None:
            stack.push_async_callback(asyncio.to_thread, ground.spans.close)
        stack.push_async_callback(database.aclose)
        await (database.upgrade() if database.own_file else database.require_current())
        outside = await _opened(settings, stack, launcher)
        place = written_once(settings.place_file, lambda: f"place_{secrets.token_hex(10)}")
        replicas = Replicas(database, place, settings.replica, ground.secret, ground.clock)
        await replicas.announce()
        services, loops = _composed(ground, outside, replicas, place)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(loop(), name=name) for name, loop in loops.items()]
            try:
                yield services
            finally:
                services.close_streams()
                for task in running:
                    task.cancel()


async def _opened(settings: Settings, stack: AsyncExitStack, launcher: BotLauncher | None) -> _Outside:
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
    fetcher = await stack.enter_async_context(fetching())
    storage = open_storage(settings.storage_url, settings.data_dir.absolute())
    return _Outside(
        bus=bus,
        buckets=buckets,
        bots=bots,
        nudges=nudges,
        model=model,
        voice=voice,
        fetcher=fetcher,
        storage=storage,
    )


def _composed(ground: Ground, outside: _Outside, replicas: Replicas, place: str) -> tuple[Services, Loops]:
    """Return the services, and by name what runs beside the requests."""
    settings, clock, database, model = ground.settings, ground.clock, ground.database, outside.model
    issuer, rate = issuer_of(settings), Rate(settings.rate_per_minute, settings.rate_per_hour)
    publisher = Publisher(outside.bus, ground.hub, both(ground.meters.happened, ground.spans))
    tokens, uplinks = Tokens(ground.secret), Uplinks(outside.nudges)
    runs_at = f"launcher:{settings.launcher}" if outside.bots.shared else place
    leases = Leases(database, runs_at, timedelta(seconds=settings.lease_s), clock)
    api_keys = KeyService(database, rate, clock)
    bell, library = asyncio.Event(), Library()
    panel = Panel(database, outside.bus, clock)
    receiver = Receiver(database, publisher, panel, bell, clock)
    dispatcher = Dispatcher(
        settings,
        database,
        publisher,
        outside.bots,
        ground.links,
        tokens,
        uplinks,
        leases,
        receiver,
        outside.storage,
        clock,
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
        outside.bots,
        dispatcher,
        receiver,
        outside.storage,
        receipts,
        leases,
        bell,
        clock,
    )
    writing_up = WritingUp(
        settings, database, publisher, summarise, evaluations.rate_unasked, receipts, leases, bell, clock
    )
    porter = Porter(
        database,
        outside.storage,
        receipts,
        settings.recordings_dir,
        settings.outbox_dir,
        settings.watch_every_s,
        clock,
    )
    targets = Targets(allow_private=settings.webhook_allow_private)
    courier = Courier(ground.secret, targets, clock)
    sender = Sender(database, courier, clock, settings.watch_every_s)
    interviews = InterviewService(settings, database, publisher, library, ground.links, dispatcher, targets, clock)
    tickets = Tickets(database, clock)
    plans = PlanService(database, publisher, library, clock)
    records = Registry(KINDS, database, clock)
    resumes = Resumes(database, ground.resume_files, PdfReading(), clock)
    booked = Booking(database, interviews, records, resumes, plans)
    decisions = DecisionService(database, clock)
    scorecards = ScorecardService(database, library, clock)
    embed_keys = EmbedKeys(ground.secret, database, clock)
    scheduler = Scheduler(
        database, publisher, interviews, outside.bots, clock, settings.watch_every_s, settings.remind_s
    )
    interviewers = Interviewers(database, panel, dispatcher, ground.hub.dismiss, clock)
    services = Services(
        settings=settings,
        clock=clock,
        database=database,
        bus=outside.bus,
        publisher=publisher,
        tokens=tokens,
        authenticator=Authenticator(tokens, api_keys, issuer),
        keys=api_keys,
        tickets=tickets,
        panel=panel,
        asking=Asking(database, panel, model, clock),
        quiet_key=QuietKey(database, panel, dispatcher, clock),
        verdicts=Verdicts(database, panel, dispatcher, clock),
        copilot_figures=Figures(database, clock),
        whisper=Whisper(database, panel, outside.voice, settings.tts_voice),
        interviewers=interviewers,
        leading=LeadService(database, publisher, panel, dispatcher, clock),
        limiter=RateLimiter(rate, outside.buckets),
        model=model,
        links=ground.links,
        frames=ground.frames,
        launcher=outside.bots,
        hub=ground.hub,
        uplinks=uplinks,
        receiver=receiver,
        leases=leases,
        phone=Phone(settings, database, ground.links, tickets, interviews, dispatcher, clock),
        legs=Legs(),
        keeper=keeper,
        library=library,
        participants=Participants(database, interviewers, ground.hub.dismiss, clock),
        drafting=Drafting(Structured(library), None if model is None else ModelDrafter(model)),
        interviews=interviews,
        plans=plans,
        recordings=Recordings(database, settings.recordings_dir, outside.storage, replicas, tokens, outside.fetcher),
        booking=booked,
        imports=TranscriptImports(database, publisher, bell, clock),
        attempts=AttemptService(settings, database, publisher, dispatcher, receipts, outside.storage, clock),
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
        survey=Survey(database, outside.bots, leases),
        meters=ground.meters,
        webhooks=WebhookService(database, courier, targets, clock),
        resumes=resumes,
        erasures=Erasures(database, ground.personal_files, clock),
    )
    loops: Loops = {
        "keeper": keeper.run,
        "writing up": writing_up.run,
        "scheduler": scheduler.run,
        "porter": porter.run,
        "webhooks": sender.run,
        "expiry": Expiry(database, ground.personal_files, clock).run,
        "nudges": uplinks.run,
        "rooms": ground.relay.run,
    }
    return services, loops

"""What the running control plane is made of, put together once in `api/composition.py` and handed to every endpoint."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from api.auth import Authenticator, Tokens
    from api.booking.service import Booking
    from api.candidates.erasure import Erasures
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
    from api.drafting import Drafter
    from api.evaluation.overrides import Overrides
    from api.evaluation.service import EvaluationService
    from api.events import EventBus
    from api.events.publisher import Publisher
    from api.fleet.meters import Meters
    from api.fleet.survey import Survey
    from api.framing import Frames
    from api.importing.service import TranscriptImports
    from api.interviewers import Interviewers
    from api.interviews.attempts import AttemptService
    from api.interviews.keeper import Keeper
    from api.interviews.leases import Leases
    from api.interviews.library import Library
    from api.interviews.plans import PlanService
    from api.interviews.receiver import Receiver
    from api.interviews.recordings import Recordings
    from api.interviews.service import InterviewService
    from api.keys.service import KeyService
    from api.leading.service import LeadService
    from api.limits import RateLimiter
    from api.links import Links
    from api.model import Model
    from api.moments import Clock
    from api.participants.service import Participants
    from api.phone.legs import Legs
    from api.phone.service import Phone
    from api.postings.embeds import EmbedKeys
    from api.publishing.admission import Admission
    from api.publishing.service import Publishing
    from api.receipts.service import Receipts
    from api.records.service import Registry
    from api.reports.service import Reports
    from api.room import Hub
    from api.scorecards.service import ScorecardService
    from api.settings import Settings
    from api.tasks.service import TaskService
    from api.tickets import Tickets
    from api.uplink import Uplinks
    from api.usage.service import Usage
    from api.webhooks.service import WebhookService
    from orchestrator import BotLauncher


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an endpoint may need. closing: set when the server is about to stop; long streams end then."""

    settings: "Settings"
    clock: "Clock"
    database: "Database"
    bus: "EventBus"
    publisher: "Publisher"  # bus and room in one: every event goes through it
    tokens: "Tokens"
    authenticator: "Authenticator"
    keys: "KeyService"
    tickets: "Tickets"
    limiter: "RateLimiter"
    model: "Model | None"  # for work outside calls; None where no LLM_URL is set
    links: "Links"
    frames: "Frames"
    launcher: "BotLauncher"
    hub: "Hub"
    uplinks: "Uplinks"
    receiver: "Receiver"
    leases: "Leases"
    phone: "Phone"
    legs: "Legs"
    keeper: "Keeper"
    library: "Library"
    drafting: "Drafter"
    interviews: "InterviewService"
    plans: "PlanService"
    recordings: "Recordings"
    booking: "Booking"
    attempts: "AttemptService"
    imports: "TranscriptImports"
    records: "Registry"
    evaluations: "EvaluationService"
    overrides: "Overrides"
    decisions: "DecisionService"
    reports: "Reports"
    scorecards: "ScorecardService"
    receipts: "Receipts"
    coaching: "Coaching"
    consents: "ConsentService"
    panel: "Panel"
    asking: "Asking"
    quiet_key: "QuietKey"
    verdicts: "Verdicts"
    copilot_figures: "Figures"
    whisper: "Whisper"
    interviewers: "Interviewers"
    leading: "LeadService"
    participants: "Participants"
    tasks: "TaskService"
    embed_keys: "EmbedKeys"
    publishing: "Publishing"
    admission: "Admission"
    capabilities: "Capabilities"
    usage: "Usage"
    survey: "Survey"
    meters: "Meters"
    webhooks: "WebhookService"
    resumes: "Resumes"
    erasures: "Erasures"
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def close_streams(self) -> None:
        """Have every long-lived connection end with a word, so that the server can stop; its clients come back."""
        self.closing.set()
        self.hub.close()


async def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the application that serves this request or socket."""
    services: Services = connection.app.state.services
    return services


TheServices = Annotated[Services, Depends(services_of)]

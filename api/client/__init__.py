"""A client of the `/v1` API in Python, on the API's own schemas; all it needs is httpx.

    async with Client("http://localhost:8000", token) as client:
        interview = await client.interviews.create({"candidate": {"name": "Ann"}, "plan_name": "software-engineer"})
        async for job in client.jobs.each(status="open"): ...

Errors: `Refused` when the server says no (with its problem document), `Unreachable` when there is no answer.
What is safe to send again is (`api/client/wire.py`).
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from types import TracebackType
from typing import Any, Self

import httpx

from api.agents import AGENTS, AgentIn, AgentOut
from api.audit import AuditOut
from api.candidates.kind import CANDIDATES
from api.capabilities import CapabilitiesOut
from api.client.account import Keys, Privacy, Webhooks
from api.client.errors import Refused, Unreachable
from api.client.interviews import Interviews
from api.client.records import Candidates, Postings, Records
from api.client.stream import StreamEvent
from api.client.wire import Wire
from api.copilot.figures import CopilotSummaryOut
from api.drafting.schemas import DraftIn, DraftOut, GeneratedOut, GenerateIn
from api.fleet.schemas import FleetOut
from api.interviews.schemas import BankQuestionOut, HealthOut
from api.jobs import JOBS, JobIn, JobOut
from api.planning.schemas import LintOut
from api.postings import POSTINGS
from api.runs import RunOut
from api.templates import TEMPLATES, TemplateIn, TemplateOut
from api.tickets import TicketOut
from api.usage.schemas import UsageOut
from bot.plan import Plan

__all__ = ["Client", "Refused", "StreamEvent", "Unreachable"]

USUAL_TIMEOUT_S = 30.0
CONNECT_WITHIN_S = 10.0

Json = Mapping[str, Any]


class Client:
    """The API at `base_url`, as the holder of `token` (an API key, or made by `vivavoce token`); for `async with`.

    timeout_s: how long one try may take. transport: how requests travel, where it is not the network.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout_s: float = USUAL_TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_WITHIN_S)),
            transport=transport,
            trust_env=False,
        )
        self._wire = wire = Wire(self._http)
        self.interviews = Interviews(wire)
        self.jobs: Records[JobIn, JobOut] = Records(wire, JOBS)
        self.candidates = Candidates(wire, CANDIDATES)
        self.agents: Records[AgentIn, AgentOut] = Records(wire, AGENTS)
        self.templates: Records[TemplateIn, TemplateOut] = Records(wire, TEMPLATES)
        self.postings = Postings(wire, POSTINGS)
        self.keys = Keys(wire)
        self.webhooks = Webhooks(wire)
        self.privacy = Privacy(wire)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def draft(self, wanted: DraftIn | Json) -> DraftOut:
        """Have an interview suggested for what a text asks for; it is not saved."""
        return await self._wire.read(DraftOut, "POST", "/v1/interviews/draft", body=wanted)

    async def generate_questions(self, wanted: GenerateIn | Json) -> GeneratedOut:
        """Have questions of the bank suggested for a job."""
        return await self._wire.read(GeneratedOut, "POST", "/v1/questions/generate", body=wanted)

    async def lint(self, plan: Plan | Json, jurisdiction: str | None = None) -> LintOut:
        """Have a plan looked over. jurisdiction: ISO 3166, such as `DE` or `US-CA`."""
        body = {
            "plan": plan.model_dump(mode="json") if isinstance(plan, Plan) else plan,
            "jurisdiction": jurisdiction,
        }
        return await self._wire.read(LintOut, "POST", "/v1/plans/lint", body=body)

    async def question_bank(self) -> list[BankQuestionOut]:
        """Return every question that a plan can be made of."""
        return await self._wire.all_of(BankQuestionOut, "/v1/question-bank")

    async def run(self, run_id: str) -> RunOut:
        """Tell where a run stands."""
        return await self._wire.read(RunOut, "GET", f"/v1/runs/{run_id}/status")

    async def ticket(self, interview_id: str) -> TicketOut:
        """Get a ticket to an interview's live stream, for a reader that can't send a header."""
        return await self._wire.read(TicketOut, "POST", "/v1/tickets", body={"interview_id": interview_id})

    async def usage(self, since: date | None = None, until: date | None = None) -> UsageOut:
        """Return what was used on each day and in all; of the last 30 days where no day is named."""
        return await self._wire.read(UsageOut, "GET", "/v1/usage", params={"from": since, "to": until})

    async def fleet(self) -> FleetOut:
        """Return which of the tenant's bots are at work, where, and how much room there is."""
        return await self._wire.read(FleetOut, "GET", "/v1/fleet")

    async def copilot_summary(self, since: date | None = None, until: date | None = None) -> CopilotSummaryOut:
        """Return what became of all of the copilots' cards; of the last 90 days where no day is named."""
        return await self._wire.read(
            CopilotSummaryOut, "GET", "/v1/copilot/summary", params={"from": since, "to": until}
        )

    def audit(self, action: str | None = None, subject: str | None = None) -> AsyncIterator[AuditOut]:
        """Iterate over what was done, newest first."""
        return self._wire.each(AuditOut, "/v1/audit", {"action": action, "subject": subject})

    async def capabilities(self) -> CapabilitiesOut:
        """Return which languages, voices and limits the server has."""
        return await self._wire.read(CapabilitiesOut, "GET", "/v1/capabilities")

    async def health(self) -> HealthOut:
        """Tell how the server's parts are."""
        return await self._wire.read(HealthOut, "GET", "/v1/health")

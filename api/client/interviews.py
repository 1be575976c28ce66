"""Interviews: from their booking to the decision about them."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from api.booking.schemas import Booked, BookInterview, ResumeTaken
from api.client.records import if_match, resume
from api.client.stream import StreamEvent, follow
from api.client.wire import Wire, plain
from api.coaching.schemas import CoachingOut
from api.consents.schemas import ConsentOut
from api.copilot.figures import CopilotSummaryOut
from api.decisions.schemas import DecisionIn, DecisionOut
from api.evaluation.engines import EngineName
from api.evaluation.schemas import EvaluationOut, OverrideIn, OverrideOut, ReviewIn, ReviewOut, ScoreIn
from api.importing.schemas import ImportAbout, ImportTranscript
from api.interviewers import InterviewerIn, InterviewerOut
from api.interviews.plans import PlanOut, PlanVerdict
from api.interviews.schemas import (
    AttemptInList,
    CreateEmbedLink,
    CreateLink,
    EmbedLinkOut,
    InterviewInList,
    InterviewOut,
    LinkOut,
    Page,
    RelatedOut,
    Relation,
    StartInterview,
    TranscriptOut,
)
from api.leading.schemas import FloorIn, LeadOut, ModeIn
from api.participants.service import ParticipantOut
from api.receipts.schemas import ReceiptOut
from api.reports.schemas import ReportOut
from api.scorecards.schemas import OpeningIn, OpeningOut, ScorecardIn, ScorecardOut, ScorecardsOut
from api.tasks.schemas import TaskOut, TaskState
from api.tickets import TicketOut

Json = Mapping[str, Any]
PATH = "/v1/interviews"


class Interviews:
    """Interviews. What is sent is one of the API's own schemas, or the JSON object it stands for."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def create(self, wanted: BookInterview | Json) -> Booked:
        """Book an interview, with a new job and a new candidate where it asks for them."""
        return await self._wire.read(Booked, "POST", PATH, body=wanted)

    async def get(self, id: str) -> InterviewOut:
        """Return an interview as it stands."""
        return await self._wire.read(InterviewOut, "GET", f"{PATH}/{id}")

    async def page(self, page: int = 1, limit: int = 20, **filters: Any) -> Page[InterviewInList]:
        """Return one page, newest first. filters: status, candidate_id, external_ref, created_after and the like."""
        return await self._wire.page(InterviewInList, PATH, page, limit, filters)

    def each(self, **filters: Any) -> AsyncIterator[InterviewInList]:
        """Iterate over all of them, newest first."""
        return self._wire.each(InterviewInList, PATH, filters)

    def related(self, id: str, by: Sequence[Relation] = ()) -> AsyncIterator[RelatedOut]:
        """Iterate over interviews of the same candidate, for the same job or in the same chain of rounds."""
        return self._wire.each(RelatedOut, f"{PATH}/{id}/related", {"by": list(by)})

    async def change(self, id: str, patch: Json, *, version: int | None = None) -> InterviewOut:
        """Change an interview before its call by a JSON merge patch; `version`: that version alone."""
        return await self._wire.read(InterviewOut, "PATCH", f"{PATH}/{id}", body=patch, headers=if_match(version))

    async def delete(self, id: str, *, version: int | None = None) -> None:
        """Delete an interview that is not in its call."""
        await self._wire.ask("DELETE", f"{PATH}/{id}", headers=if_match(version))

    async def put_resume(self, id: str, pdf: bytes) -> ResumeTaken:
        """Have the résumé of an interview's candidate read; questions made from a brief are chosen anew."""
        return await self._wire.read(ResumeTaken, "POST", f"{PATH}/{id}/resume", files=resume(pdf))

    # ---- the plan -----------------------------------------------------------------------------------------------

    async def plan(self, id: str, version: int | None = None) -> PlanOut:
        """Return a version of the plan, the newest unless it is named."""
        return await self._wire.read(PlanOut, "GET", f"{PATH}/{id}/plan", params={"version": version})

    async def approve_plan(self, id: str, verdict: PlanVerdict | Json | None = None) -> PlanOut:
        """Have an interview go by its plan."""
        return await self._wire.read(PlanOut, "POST", f"{PATH}/{id}/plan/approve", body=verdict)

    async def reject_plan(self, id: str, verdict: PlanVerdict | Json | None = None) -> PlanOut:
        """Refuse a plan, and with it the interview."""
        return await self._wire.read(PlanOut, "POST", f"{PATH}/{id}/plan/reject", body=verdict)

    async def revise_plan(self, id: str, wanted: Json) -> PlanOut:
        """Give an interview another plan: `plan`, `plan_name`, `question_ids` or `brief`."""
        return await self._wire.read(PlanOut, "POST", f"{PATH}/{id}/plan/revise", body=wanted)

    # ---- the call -----------------------------------------------------------------------------------------------

    async def start(self, id: str, wanted: StartInterview | Json | None = None) -> InterviewOut:
        """Send a bot into the interview's room."""
        return await self._wire.read(InterviewOut, "POST", f"{PATH}/{id}/start", body=wanted)

    async def cancel(self, id: str) -> InterviewOut:
        """Call an interview off; a bot in the call says good-bye first."""
        return await self._wire.read(InterviewOut, "POST", f"{PATH}/{id}/cancel")

    async def attempts(self, id: str) -> list[AttemptInList]:
        """Return every try, newest first."""
        return await self._wire.all_of(AttemptInList, f"{PATH}/{id}/attempts")

    async def another_attempt(self, id: str) -> InterviewOut:
        """Make an interview that has ended ready for another try."""
        return await self._wire.read(InterviewOut, "POST", f"{PATH}/{id}/attempts")

    async def participants(self, id: str) -> list[ParticipantOut]:
        """Return who was given a link and not removed, the first one first."""
        return await self._wire.all_of(ParticipantOut, f"{PATH}/{id}/participants")

    async def remove_participant(self, id: str, participant_id: str) -> None:
        """Take back every link of an interviewer or observer."""
        await self._wire.ask("DELETE", f"{PATH}/{id}/participants/{participant_id}")

    async def rejoin(self, id: str) -> InterviewOut:
        """Send a new bot in place of the one in the call."""
        return await self._wire.read(InterviewOut, "POST", f"{PATH}/{id}/rejoin")

    async def floor(self, id: str, wanted: FloorIn | Json) -> LeadOut:
        """Lend the bot the floor in a copilot's call, or take it back."""
        return await self._wire.read(LeadOut, "POST", f"{PATH}/{id}/floor", body=wanted)

    async def mode(self, id: str, wanted: ModeIn | Json) -> LeadOut:
        """Change who leads, before or during the call."""
        return await self._wire.read(LeadOut, "POST", f"{PATH}/{id}/mode", body=wanted)

    async def link(self, id: str, wanted: CreateLink | Json) -> LinkOut:
        """Make a join link for one person."""
        return await self._wire.read(LinkOut, "POST", f"{PATH}/{id}/links", body=wanted)

    async def interviewers(self, id: str) -> list[InterviewerOut]:
        """Return who holds an interview."""
        return await self._wire.all_of(InterviewerOut, f"{PATH}/{id}/interviewers")

    async def name_interviewer(self, id: str, participant_id: str, wanted: InterviewerIn | Json) -> InterviewerOut:
        """Name somebody who holds an interview, or change them."""
        return await self._wire.read(InterviewerOut, "PUT", f"{PATH}/{id}/interviewers/{participant_id}", body=wanted)

    async def remove_interviewer(self, id: str, participant_id: str) -> None:
        """Close room and panel to somebody who held an interview."""
        await self._wire.ask("DELETE", f"{PATH}/{id}/interviewers/{participant_id}")

    async def copilot_ticket(self, id: str) -> TicketOut:
        """Return a ticket that opens the copilot's socket once."""
        return await self._wire.read(TicketOut, "POST", f"{PATH}/{id}/copilot/tickets")

    async def embed_link(self, id: str, wanted: CreateEmbedLink | Json) -> EmbedLinkOut:
        """Make a join link for an iframe in pages of one allowed origin."""
        return await self._wire.read(EmbedLinkOut, "POST", f"{PATH}/{id}/embed-links", body=wanted)

    async def copilot_summary(self, id: str) -> CopilotSummaryOut:
        """Return what became of the copilot's cards, kind by kind."""
        return await self._wire.read(CopilotSummaryOut, "GET", f"{PATH}/{id}/copilot/summary")

    async def copilot_card_speech(self, id: str, suggestion_id: str) -> bytes:
        """Return a card of the copilot's read aloud, as WAV."""
        return (await self._wire.ask("GET", f"{PATH}/{id}/copilot/cards/{suggestion_id}/speech")).content

    def events(self, id: str, *, after: int | None = None) -> AsyncIterator[StreamEvent]:
        """Follow an interview until it is over: events numbered above `after`, then each as it happens."""
        return follow(self._wire, id, after)

    # ---- what is left of it ---------------------------------------------------------------------------------------

    async def transcript(self, id: str, attempt: int | None = None) -> TranscriptOut:
        """Return the turns of one attempt, the newest unless it is named."""
        return await self._wire.read(TranscriptOut, "GET", f"{PATH}/{id}/transcript", params={"attempt": attempt})

    async def transcript_as(self, id: str, format: Literal["vtt", "text"], attempt: int | None = None) -> str:
        """Return the turns of one attempt as captions (WebVTT) or as plain text."""
        params = {"format": format, "attempt": attempt}
        return (await self._wire.ask("GET", f"{PATH}/{id}/transcript", params=params)).text

    async def import_transcript(
        self, id: str, wanted: ImportTranscript | ImportAbout | Json, file: bytes | None = None
    ) -> InterviewOut:
        """Import the transcript of a meeting held elsewhere: what `wanted` holds, or the `file` that it is about."""
        if file is None:
            return await self._wire.read(InterviewOut, "POST", f"{PATH}/{id}/transcript", body=wanted)
        form = {"file": ("transcript", file), "about": (None, json.dumps(plain(wanted)))}
        return await self._wire.read(InterviewOut, "POST", f"{PATH}/{id}/transcript", files=form)

    async def save_recording(self, id: str, path: Path) -> None:
        """Write the recording to `path`."""
        async with self._wire.stream(f"{PATH}/{id}/recording") as answer:
            with path.open("wb") as file:
                async for piece in answer.aiter_bytes():
                    file.write(piece)

    async def consents(self, id: str) -> list[ConsentOut]:
        """Return what the people of the call agreed to, newest answers first."""
        return await self._wire.all_of(ConsentOut, f"{PATH}/{id}/consents")

    async def withdraw_consent(self, id: str, consent_id: str) -> ConsentOut:
        """Note that a person takes a consent back."""
        return await self._wire.read(ConsentOut, "POST", f"{PATH}/{id}/consents/{consent_id}/withdraw")

    async def withdraw_consents(self, id: str) -> list[ConsentOut]:
        """Note that the candidate takes back all they agreed to; return every consent there is."""
        return (await self._wire.read(Page[ConsentOut], "POST", f"{PATH}/{id}/consents/withdraw")).data

    async def receipts(self, id: str) -> list[ReceiptOut]:
        """Return what was thrown away because somebody objected or took a consent back, newest first."""
        return await self._wire.all_of(ReceiptOut, f"{PATH}/{id}/receipts")

    async def tasks(self, id: str, state: TaskState | None = None) -> list[TaskOut]:
        """Return what the call left for people to do; `state`: what is open or done alone."""
        return await self._wire.all_of(TaskOut, f"{PATH}/{id}/tasks", {"state": state})

    async def finish_task(self, id: str, task_id: str) -> TaskOut:
        """Note that somebody has done a task."""
        return await self._wire.read(TaskOut, "POST", f"{PATH}/{id}/tasks/{task_id}/done")

    # ---- what is made of it -----------------------------------------------------------------------------------------

    async def evaluate(self, id: str) -> EvaluationOut:
        """Phase 1: write down what was asked and said."""
        return await self._wire.read(EvaluationOut, "POST", f"{PATH}/{id}/evaluate")

    async def generate_score(self, id: str, engine: EngineName | None = None) -> EvaluationOut:
        """Phase 2: rate each criterion where anchors and quoted evidence allow."""
        body = ScoreIn(engine=engine)
        return await self._wire.read(EvaluationOut, "POST", f"{PATH}/{id}/generate-score", body=body)

    async def evaluations(self, id: str) -> list[EvaluationOut]:
        """Return every version of both phases, newest first."""
        return await self._wire.all_of(EvaluationOut, f"{PATH}/{id}/evaluations")

    async def assessment(self, id: str) -> EvaluationOut:
        """Return the version of phase 2 that counts."""
        return await self._wire.read(EvaluationOut, "GET", f"{PATH}/{id}/assessment")

    async def scorecards(self, id: str) -> ScorecardsOut:
        """Return what interviewers rated, and the AI's levels beside it once they may be seen."""
        return await self._wire.read(ScorecardsOut, "GET", f"{PATH}/{id}/scorecards")

    async def submit_scorecard(self, id: str, wanted: ScorecardIn | Json) -> ScorecardOut:
        """Submit your scorecard, or with a reason an amendment of it."""
        return await self._wire.read(ScorecardOut, "POST", f"{PATH}/{id}/scorecards", body=wanted)

    async def open_evaluations(self, id: str, wanted: OpeningIn | Json) -> OpeningOut:
        """Have the AI's levels seen before any scorecard is in."""
        return await self._wire.read(OpeningOut, "POST", f"{PATH}/{id}/evaluations/open", body=wanted)

    async def coaching(self, id: str) -> CoachingOut:
        """Return how people held the interview, for them alone."""
        return await self._wire.read(CoachingOut, "GET", f"{PATH}/{id}/coaching")

    async def report(self, id: str) -> ReportOut:
        """Return all that people read before they decide."""
        return await self._wire.read(ReportOut, "GET", f"{PATH}/{id}/report")

    async def report_as_pdf(self, id: str) -> bytes:
        """Return the same as a PDF."""
        return (await self._wire.ask("GET", f"{PATH}/{id}/report.pdf")).content

    async def review(self, id: str, wanted: ReviewIn | Json) -> ReviewOut:
        """Say of an evaluation whether it holds."""
        return await self._wire.read(ReviewOut, "POST", f"{PATH}/{id}/review", body=wanted)

    async def override(self, id: str, evaluation_id: str, wanted: OverrideIn | Json) -> OverrideOut:
        """Put a person's level in place of the engine's."""
        path = f"{PATH}/{id}/evaluations/{evaluation_id}/overrides"
        return await self._wire.read(OverrideOut, "POST", path, body=wanted)

    async def decide(self, id: str, wanted: DecisionIn | Json) -> DecisionOut:
        """Record what a person decided."""
        return await self._wire.read(DecisionOut, "PUT", f"{PATH}/{id}/decision", body=wanted)

    async def decision(self, id: str) -> DecisionOut:
        """Return the decision that counts."""
        return await self._wire.read(DecisionOut, "GET", f"{PATH}/{id}/decision")

    async def decisions(self, id: str) -> list[DecisionOut]:
        """Return every decision, newest first."""
        return await self._wire.all_of(DecisionOut, f"{PATH}/{id}/decisions")

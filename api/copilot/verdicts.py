"""What interviewers do with the cards: noted, told to every panel, and to the bot, which may then make the next one."""

from api.auth import Caller
from api.copilot.panel import Panel, Verdict
from api.copilot.tables import SuggestionRow
from api.database import Database
from api.errors import NotFound
from api.interviews.dispatch import Dispatcher
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.tables import CARD
from api.moments import Clock


class Verdicts:
    """Takes down what became of a card. The last verdict counts, and one that was used stays accepted or edited.

    The bot hears of the first, as one frees its place.
    """

    def __init__(self, database: Database, panel: Panel, dispatcher: Dispatcher, clock: Clock) -> None:
        self._database, self._panel, self._dispatcher, self._clock = database, panel, dispatcher, clock

    async def give(
        self, caller: Caller, interview_id: str, suggestion_id: str, verdict: Verdict, text: str | None = None
    ) -> None:
        """Note what somebody did with a suggestion; raise `NotFound` where there is none of this id.

        text: what an edited one became.
        """
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, caller.tenant)
            interview = await interviews.get_for_change(interview_id)
            card = await tx.session.get(SuggestionRow, (interview_id, suggestion_id))
            if card is None:
                raise NotFound("suggestion", suggestion_id)
            shown = card.verdict is None and card.expired_at is None
            told = {"id": suggestion_id, "kind": card.kind, "verdict": verdict.value, "by": caller.subject}
            _note(card, verdict)
            if text is not None:
                told["text"] = card.edited = text
            await self._panel.append(tx, interview, "suggestion.feedback", told)
            attempt = await interviews.newest_attempt(interview_id)
            if not shown or attempt is None or attempt.ended_at is not None:
                return
            RunRepository(tx.session).tell(attempt, CARD, self._clock(), data={"id": suggestion_id})
        await self._dispatcher.tell(attempt.id)


def _note(card: SuggestionRow, verdict: Verdict) -> None:
    """Who asks what was suggested has taken it; in other words, if they had changed them."""
    card.used = verdict is Verdict.USED or (card.used and verdict is not Verdict.DISMISSED)
    if verdict is not Verdict.USED:
        card.verdict = verdict.value
    elif card.verdict not in (Verdict.ACCEPTED, Verdict.EDITED):
        card.verdict = Verdict.ACCEPTED.value

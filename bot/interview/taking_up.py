"""Where a new incarnation of the bot stands in the plan: the cursor, put back to where the one before it was lost."""

from bot.interview.claims import find
from bot.interview.commands import is_filler, understand
from bot.interview.cursor import Cursor, Outcome, Progress
from bot.interview.off_limits import of_the_work
from bot.resume import QuestionSoFar, Resume


def restore(cursor: Cursor, so_far: Resume, language: str, now: float) -> QuestionSoFar | None:
    """Put `cursor` to where the call stood, and return the question that is open, if one is.

    now: seconds on the interview's clock. The time since the bot was lost is not counted.
    """
    known = {progress.question.id: progress for progress in cursor.all}
    open_one: QuestionSoFar | None = None
    for question in so_far.questions:
        progress = known.get(question.id)
        if progress is None:  # the plan was changed in between
            continue
        _restore(progress, question, language)
        if question.asked_at_ms is not None:
            progress.begun_at = now - (so_far.reached_ms - question.asked_at_ms) / 1000
        if progress.asked and progress.outcome is None:
            cursor.current, open_one = progress, question
    _let_rest(cursor, language, but_the_last=open_one is not None and open_one.answered)
    begun = min((p.begun_at for p in cursor.all if p.begun_at is not None), default=now)
    cursor.begin(begun)
    return open_one


def _let_rest(cursor: Cursor, language: str, *, but_the_last: bool) -> None:
    """What was told otherwise than before was asked about, or let go, when it was heard: nobody comes back to it.

    but_the_last: to those words nobody has reacted yet.
    """
    said = sorted(
        (
            (turn, part, progress)
            for progress in cursor.all
            for turn, part in zip(progress.turns, progress.parts, strict=True)
        ),
        key=lambda one: one[0],
    )
    for number, (_, part, progress) in enumerate(said[:-1] if but_the_last else said):
        before = [(other is progress, earlier) for _, earlier, other in said[:number]]
        if (found := find(of_the_work(part, language), before, language)) is not None:
            cursor.raised.add(found.thing)


def _restore(progress: Progress, question: QuestionSoFar, language: str) -> None:
    follow_ups = question.asked[1:]
    progress.asked = bool(question.asked)
    progress.follow_ups = len(follow_ups)
    progress.lines = [asked.text for asked in follow_ups]
    progress.probed = [asked.signal for asked in follow_ups if asked.signal is not None]
    for part in question.parts:
        understood = understand(part.text, language)
        if understood.body and not is_filler(understood.body, language):
            progress.parts.append(understood.body.strip())
            progress.turns.append(part.turn)
    if question.outcome is not None:
        progress.close(Outcome(question.outcome), question.reason)
        progress.noted = True

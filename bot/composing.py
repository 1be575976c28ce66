"""The chat model's replies under way: the one that was asked for, and one on trial that may be asked for soon.

In the silence after an answer the model is asked about the words as they probably are. When the turn is over and the
interview asks the same (same words, same context, same place in the plan), the reply is already there or on its way;
otherwise it is thrown away, and nobody knows that it was written.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.brain import ChatBrain, TimeLimit
from bot.errors import ModelUnavailable
from bot.interview import Compose, Composed
from bot.interview.commands import words

MOST_TRIALS = 3  # for one place in the plan: a speaker who pauses often does not multiply what the model costs


@dataclass(slots=True, eq=False)
class _Draft:
    """One reply. request: who asked for it; None on trial, when what is written is kept in `written`."""

    compose: Compose
    limit: TimeLimit
    began: float
    request: int | None = None
    written: list[tuple[str | None, bool]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        return bool(self.written) and not self.written[-1][1]


class Composing:
    """Asks `brain` for the interview; there is one reply that was asked for at most, and one on trial at most.

    happen: takes each `Composed`. begun: takes the first sentence of a reply on trial. failed: takes why there is none.
    """

    def __init__(
        self,
        brain: ChatBrain | None,
        *,
        happen: Callable[[Composed], None],
        begun: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        self._brain, self._happen, self._begun, self._tell_failed = brain, happen, begun, failed
        self._asked: _Draft | None = None
        self._trial: _Draft | None = None
        self._trials, self._place = 0, ""
        self._tasks: asyncio.TaskGroup

    def attach(self, tasks: asyncio.TaskGroup) -> None:
        """Hand over the parent of the work."""
        self._tasks = tasks

    @property
    def busy(self) -> bool:
        """Whether a reply that was asked for is still being written."""
        return self._asked is not None

    def ask(self, compose: Compose) -> float:
        """Bring the reply to `compose`, as one or several `Composed`; return since when it is being written, in s."""
        trial, self._trial = self._trial, None
        self._cancel(self._asked)
        self._asked = None
        if trial is None or _key(trial.compose) != _key(compose):
            self._cancel(trial)
            if (started := self._start(compose)) is None:
                self._happen(Composed(compose.request, None))
                return 0.0
            self._asked, started.request = started, compose.request
            return 0.0
        trial.limit.renew()
        trial.request = compose.request
        if not trial.over:
            self._asked = trial
        for text, more in trial.written:
            self._happen(Composed(compose.request, text, more=more))
        return asyncio.get_running_loop().time() - trial.began

    def try_ahead(self, compose: Compose) -> None:
        """Have the reply written that `compose` would get, should it be asked for."""
        if self._trial is not None and _key(self._trial.compose) == _key(compose):
            return
        self.drop_trial()
        if compose.place != self._place:
            self._trials, self._place = 0, compose.place
        if self._trials < MOST_TRIALS and self._brain is not None and not self._brain.resting:
            self._trials += 1
            self._trial = self._start(compose)

    def drop_trial(self) -> None:
        """What was written ahead is not wanted: the turn went on, or ended otherwise."""
        self._cancel(self._trial)
        self._trial = None

    def forget(self, request: int) -> None:
        """The reply to `request` is no longer wanted."""
        if self._asked is not None and self._asked.request == request:
            self._cancel(self._asked)
            self._asked = None

    def stop(self) -> None:
        """Give everything up."""
        self.drop_trial()
        self._cancel(self._asked)
        self._asked = None

    def _start(self, compose: Compose) -> _Draft | None:
        if self._brain is None:
            return None
        draft = _Draft(compose, TimeLimit(self._brain.budget_s), asyncio.get_running_loop().time())
        draft.task = self._tasks.create_task(self._write(self._brain, draft), name="compose")
        return draft

    async def _write(self, brain: ChatBrain, draft: _Draft) -> None:
        compose = draft.compose
        try:
            await brain.write(
                compose.purpose, compose.context, lambda text, more: self._came(draft, text, more), draft.limit
            )
        except ModelUnavailable as error:
            if not error.resting:  # that it rests was told when it began to
                self._tell_failed(str(error))
            self._came(draft, None, False)

    def _came(self, draft: _Draft, text: str | None, more: bool) -> None:
        draft.written.append((text, more))
        if draft is self._asked:
            if not more:
                self._asked = None
            assert draft.request is not None
            self._happen(Composed(draft.request, text, more=more))
        elif draft is self._trial and text and len(draft.written) == 1:
            self._begun(text)

    def _cancel(self, draft: _Draft | None) -> None:
        if draft is not None and draft.task is not None:
            draft.task.cancel()


def _key(compose: Compose) -> tuple[object, ...]:
    """What must be the same for a reply to fit: punctuation and capitals, which a recogniser changes, need not be."""
    context = {
        name: tuple(words(value)) if isinstance(value, str) else tuple(tuple(words(str(item))) for item in value)
        for name, value in compose.context.items()
    }
    return compose.purpose, compose.place, tuple(sorted(context.items()))

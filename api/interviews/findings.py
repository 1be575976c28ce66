"""What is worked out from an attempt's events, remembered until there is another one: an interview that was held is
read far more often than it changes, and its events are what takes longest to read."""

from collections import OrderedDict
from dataclasses import dataclass

from api.interviews.schemas import Coverage, Metrics
from api.interviews.tables import AttemptRow, InterviewRow

MOST = 1_000  # attempts; some kilobytes each


@dataclass(frozen=True, slots=True)
class Findings:
    """What became of the plan's questions, and the figures of the call."""

    coverage: list[Coverage]
    metrics: Metrics


class Remembered:
    """The findings of this process, by attempt.

    They follow from the plan, which changes with the interview's version, and from events, which only grow in number.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[tuple[int, int], Findings]] = OrderedDict()

    def get(self, row: InterviewRow, attempt: AttemptRow) -> Findings | None:
        """Return what was found, unless something has changed since."""
        state, findings = self._known.get(attempt.id, (None, None))
        return findings if state == (row.version, row.last_seq) else None

    def note(self, row: InterviewRow, attempt: AttemptRow, findings: Findings) -> None:
        """Remember what was found; what was found longest ago makes room."""
        self._known.pop(attempt.id, None)
        self._known[attempt.id] = (row.version, row.last_seq), findings
        if len(self._known) > MOST:
            self._known.popitem(last=False)

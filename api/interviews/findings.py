"""What is worked out from an interview's plan and events, remembered until they change: interviews are read far more
often than they change, and this takes longer than to read their row."""

from collections import OrderedDict
from dataclasses import dataclass

from api.interviews.schemas import Coverage, Metrics
from api.interviews.tables import InterviewRow
from bot.plan import Plan

MOST = 500  # interviews; some ten kilobytes each


@dataclass(frozen=True, slots=True)
class Findings:
    """A plan as it was read, what became of its questions, and the figures of the call."""

    plan: Plan
    coverage: list[Coverage]
    metrics: Metrics


class Remembered:
    """The findings of some interviews.

    A plan and the attempts change with the version of their interview, and an event changes the number of the newest.
    Findings are to be noted of what was committed only: what is undone gives its version to something else.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[tuple[int, int], Findings]] = OrderedDict()

    def get(self, row: InterviewRow) -> Findings | None:
        """Return what was found, unless something has changed since."""
        state, findings = self._known.get(row.id, (None, None))
        return findings if state == (row.version, row.last_seq) else None

    def note(self, row: InterviewRow, findings: Findings) -> None:
        """Remember what was found; what was found longest ago makes room."""
        self._known.pop(row.id, None)
        self._known[row.id] = (row.version, row.last_seq), findings
        if len(self._known) > MOST:
            self._known.popitem(last=False)

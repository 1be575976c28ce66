"""What the benchmark of the pages makes of what it saw."""

import pytest

from api.bench import Row
from api.bench.pages.copilot import Shown, Told, Watched, rows_of
from api.bench.pages.script import EXCHANGES, PLAN
from bot.interview import Role

TURN_MS = 5000.0


def call(*, late_ms: float = 500.0, warned: int = 4) -> Watched:
    """The script as it is held once, a turn every five seconds, what follows from each shown as late as told."""
    watched, warnings = Watched(), 0
    for number, (asked, answer) in enumerate(EXCHANGES):
        for part, (role, text) in enumerate(((Role.INTERVIEWER, asked), (Role.CANDIDATE, answer))):
            ended = (2 * number + part + 1) * TURN_MS
            watched.told.append(Told(ended + 300, role, f"t{number}{part}", text, ended))
            watched.shown.append(Shown(ended + 310, "caption", f"t{number}{part}", text))
            if role is Role.INTERVIEWER and number % 2 and warnings < warned:
                watched.shown.append(Shown(ended + late_ms, "warning", "", text))
                warnings += 1
            if role is Role.CANDIDATE and number % 2 == 0:
                watched.shown.append(Shown(ended + late_ms, "coverage", "", text))
    watched.shown.append(Shown(2 * TURN_MS + late_ms, "card", "", "What came of it?"))
    watched.shown.sort(key=lambda one: one.at_ms)
    return watched


def row(watched: Watched, begin: str) -> Row:
    return next(one for one in rows_of(watched, 1) if one.metric.startswith(begin))


@pytest.mark.parametrize("begin", ["turn end → card p95", "off-limits", "turn end → coverage"])
def test_what_comes_after_the_next_turn_is_measured_from_its_own(begin: str) -> None:
    assert len(PLAN["criteria"]) == 4
    good, late = row(call(), begin), row(call(late_ms=TURN_MS + 100), begin)
    assert (good.value, good.ok) == (500.0, True)
    assert (late.value, late.ok) == (TURN_MS + 100, False)


def test_a_warning_that_never_came_fails_its_row_however_soon_the_others_were() -> None:
    missed = row(call(warned=3), "off-limits")
    assert (missed.value, missed.ok) == (500.0, False)
    assert "3 warnings of at least 4" in missed.method


def test_off_limits_questions_that_were_not_recognised_count_as_not_warned_of() -> None:
    deaf = call(warned=0)
    deaf.told = [one for one in deaf.told if one.role is not Role.INTERVIEWER]
    assert row(deaf, "off-limits").ok is False

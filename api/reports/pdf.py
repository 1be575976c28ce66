"""A report on paper, in the order of the page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from api.evaluation.schemas import EvaluationOut, EvidenceOut
from api.receipts.schemas import Cause, ReceiptOut
from api.reports.schemas import ReportOut, Spoke
from api.reports.sheet import Sheet
from api.scorecards.schemas import Agreement, ScorecardsOut

NOTICE = (
    "An AI held this interview and made these ratings by stated rules; they are no decision. Levels rest on the quoted "
    "words. People judge and decide."
)
LED_NOTICE = (
    "People held this interview; an AI listened, and made these ratings by stated rules. They are no decision. Levels "
    "rest on the quoted words. People judge and decide."
)
SEALED = (
    "An AI has rated this interview. Its levels wait for a scorecard of whoever held it, so that people judge by what "
    "they heard."
)
IMPORTED_NOTICE = (
    "This interview was held elsewhere; an AI made these ratings of its transcript by stated rules. They are no "
    "decision. Levels rest on the quoted words. People judge and decide."
)
LEVELS_RULE = "Overall: mean of the levels by weight, 0 to 100, over what was scored."


def rendered(report: ReportOut, at: datetime) -> bytes:
    """Return a report as a PDF. at: when it was made. Takes about a second; call it from a thread."""
    with Sheet(f"Interview report: {report.candidate}", report.language, at) as sheet:
        _head(sheet, report, at)
        _receipts(sheet, report.receipts)
        _assessment(sheet, report)
        if report.scorecards is not None:
            _scorecards(sheet, report.scorecards)
        _facts(sheet, report)
        _timeline(sheet, report.timeline)
        _people(sheet, report)
        _provenance(sheet, report)
        return sheet.bytes()


def _head(sheet: Sheet, report: ReportOut, at: datetime) -> None:
    sheet.soft("Interview report", after=0)
    sheet.text(report.candidate, size=20, style="B", after=2)
    sheet.text(" · ".join(part for part in (report.title, report.organisation) if part), size=11, after=1)
    held = "Held elsewhere" if report.imported else "Held" if report.started_at else "Not held"
    when = f"{held} {_time(report.started_at)}" if report.started_at else held
    sheet.soft(f"{when} · {_words(report.status)} · report of {_time(at)}")
    sheet.soft(_notice(report), after=3)


def _notice(report: ReportOut) -> str:
    if report.imported:
        return IMPORTED_NOTICE
    return NOTICE if report.scorecards is None else LED_NOTICE


def _receipts(sheet: Sheet, receipts: Sequence[ReceiptOut]) -> None:
    for one in receipts:
        what = "objected" if one.cause is Cause.OBJECTION else "took a consent back"
        said = f": “{one.words}”" if one.words else ""
        kinds = ", ".join(dict.fromkeys(gone.kind.value for gone in one.purged)) or "nothing was kept yet"
        sheet.text(f"{one.name} {what}{said}", style="B", after=0.5)
        sheet.soft(f"Thrown away: {kinds}. {_time(one.said_at)} · receipt {one.id}")


def _assessment(sheet: Sheet, report: ReportOut) -> None:
    rated = report.assessment
    if rated is None or rated.result is None:
        sheet.heading("Assessment")
        sheet.text(SEALED if report.awaits_scorecard else "Nothing has been rated yet.")
        return
    result, effective = rated.result, rated.effective
    sheet.heading("Assessment")
    sheet.text(_figures("By the engine", result["overall"], result["recommendation"]), size=12, style="B", after=0.5)
    if rated.overrides and effective is not None:
        told = _figures("With people's levels", effective.overall, effective.recommendation)
        sheet.text(told, size=12, style="B", after=0.5)
    counts = effective.model_dump() if effective is not None else result
    sheet.soft(f"{counts['scored_weight']:.0%} of the weight was scored. {LEVELS_RULE}")
    names = {one["criterion_id"]: one["name"] for one in result["criteria"]}
    for what in ("strengths", "concerns"):
        if found := [names.get(id_, id_) for id_ in counts.get(what, ())]:
            sheet.text(f"{what.capitalize()}: {', '.join(found)}")
    sheet.heading("Criteria")
    for one in result["criteria"]:
        _criterion(sheet, one, rated, report.anchors.get(one["criterion_id"], {}))
    unjudged = [one for one in result["criteria"] if one["level"] is None]
    if unjudged:
        sheet.heading("What the AI could not judge")
        for one in unjudged:
            sheet.text(f"{one['name']}: {_words(one['status'])}. {one['rationale']}")
    _attention(sheet, result.get("injection_flags") or [], result.get("contradictions") or [])


def _attention(sheet: Sheet, flags: Sequence[Any], contradictions: Sequence[Any]) -> None:
    if not flags and not contradictions:
        return
    sheet.heading("For your attention, not counted")
    if flags:
        sheet.soft("Words that seem meant for whoever rates the interview. They changed no level.")
    for flag in flags:
        sheet.quote(flag["quote"], f"at {_clock(flag['start_ms'])}")
    for one in contradictions:
        sheet.soft(f"Two things that may not go together: {one['about']}")
        for said in (one["earlier"], one["later"]):
            sheet.quote(said["quote"], f"at {_clock(said['start_ms'])}")


def _criterion(sheet: Sheet, one: dict[str, Any], rated: EvaluationOut, anchors: dict[int, str]) -> None:
    level, said = one["level"], one.get("human_override")
    if said:
        level = said["level"]
    unjudged = "Can't be judged" if said else _words(one["status"])
    about = [f"Level {level} of 5" if level is not None else unjudged, f"weight {one['weight']:g}"]
    if one["required"]:
        about.append(f"required, at least {one['min_level']}")
    if one.get("spread"):
        about.append(f"ratings differ by {one['spread']}")
    if one.get("ratings"):
        about.append(f"ratings {', '.join(str(rating['level'] or 'none') for rating in one['ratings'])}")
    sheet.levelled(one["name"], level, " · ".join(about))
    if one.get("needs_human"):
        why = "; ".join(_words(str(reason)) for reason in one.get("needs_human_reasons") or ())
        sheet.text(f"A person must look at it. {why}", style="B", size=9.5)
    if level is not None and level in anchors:
        sheet.text(f"Level {level} means: {anchors[level]}", size=9.5)
    sheet.text(one["rationale"])
    if one.get("note"):
        sheet.soft(one["note"])
    if said:
        new = "can't be judged" if said["level"] is None else f"level {said['level']}"
        own = f"level {one['level']}" if one["level"] is not None else _words(one["status"]).lower()
        told = f"{said['by']} put in the engine's place: {new}. {said['reason']} The engine's own: {own}."
        sheet.text(told, style="B", size=9.5)
    quotes = {evidence.number: evidence for evidence in rated.evidence}
    _quotes(sheet, (quotes[number] for number in one["evidence"] if number in quotes), "")
    _quotes(sheet, (quotes[number] for number in one["counter_evidence"] if number in quotes), "speaks against it · ")
    sheet.space()


def _quotes(sheet: Sheet, evidence: Iterable[EvidenceOut], what: str) -> None:
    shown: dict[tuple[int, int], EvidenceOut] = {}
    for one in evidence:
        shown.setdefault((one.first_seq, one.start_char), one)
    for one in shown.values():
        sheet.quote(one.quote, f"{what}at {_clock(one.start_ms)}")


def _scorecards(sheet: Sheet, scorecards: ScorecardsOut) -> None:
    sheet.heading("Scorecards of those who held it")
    if not scorecards.data:
        sheet.text("None has been submitted yet.")
    for card in reversed(scorecards.data):
        blind = "before the AI's levels were seen" if card.blind else "after the AI's levels could be seen"
        about = f"version {card.version}, {blind}, {_time(card.at)}"
        said = " ".join(part for part in (card.reason, card.note) if part)
        sheet.text(f"{card.name}: {_words(card.overall.value).lower()} ({about}). {said}")
    for one in scorecards.side_by_side.criteria if scorecards.side_by_side else ():
        levels = ", ".join(f"{side.name} {_level(side.level)}" for side in one.people)
        apart = any(side.agreement is Agreement.APART for side in one.people)
        if levels:
            told = f"{one.name}: AI {_level(one.level)}, {levels}{': they disagree' if apart else ''}"
            sheet.text(told, style="B" if apart else "", after=0.5)


def _level(level: int | None) -> str:
    return "no level" if level is None else f"level {level}"


def _facts(sheet: Sheet, report: ReportOut) -> None:
    facts = report.facts.result if report.facts else None
    if facts is None:
        return
    sheet.heading("Questions")
    for number, one in enumerate(facts["qa"], 1):
        sheet.text(f"{number}. {one['question']}", style="B", after=0.5)
        why = f" ({_words(one['reason']).lower()})" if one["reason"] else ""
        spoken = f" · {one['words']} words in {one['seconds']:g} s" if one["words"] else ""
        sheet.soft(f"{_words(one['outcome'])}{why}{spoken}")
        for point in one["key_points"]:
            sheet.quote(point["quote"], f"at {_clock(point['start_ms'])}")
    if facts["coverage"]:
        sheet.heading("Coverage")
        for one in facts["coverage"]:
            sheet.text(f"{one['name']}: {_words(one['state']).lower()}", after=0.5)


def _timeline(sheet: Sheet, timeline: Sequence[Spoke]) -> None:
    if not timeline:
        return
    end = max(one.end_ms for one in timeline)
    sheet.heading("Who spoke when")
    bars = []
    for name in dict.fromkeys(one.speaker for one in timeline):
        own = [one for one in timeline if one.speaker == name]
        ms = sum(max(0, one.end_ms - one.start_ms) for one in own)
        stretches = [(one.start_ms / max(1, end), one.end_ms / max(1, end)) for one in own]
        bars.append((name, f"{len(own)} turns, {_clock(ms)}", stretches))
    sheet.timeline(bars, _clock(end))


def _people(sheet: Sheet, report: ReportOut) -> None:
    reviews = report.assessment.reviews if report.assessment else []
    if reviews:
        sheet.heading("Reviews")
        for review in reviews:
            note = f" {review.note}" if review.note else ""
            sheet.text(f"{_words(review.verdict)} by {review.by}, {_time(review.at)}.{note}")
    if report.decisions:
        sheet.heading("Decisions")
        for decision in report.decisions:
            note = f" {decision.notes}" if decision.notes else ""
            sheet.text(f"{_words(decision.decision)} by {decision.by}, {_time(decision.at)}.{note}")


def _provenance(sheet: Sheet, report: ReportOut) -> None:
    if not report.versions:
        return
    sheet.heading("Versions and provenance")
    for version in report.versions:
        figures = _figures(f"Version {version.version}", version.overall, version.recommendation)
        sheet.text(f"{figures} · {_time(version.created_at)}", after=0.5)
        for change in version.changes:
            sheet.soft(f"{change.what}: {change.before} → {change.after}", indent=4, after=0.5)
    for one in (report.facts, report.assessment):
        if one is not None:
            what = "Facts" if one.phase == 1 else "Assessment"
            sheet.soft(f"{what}: {one.id}, engine {one.engine} {one.engine_version}", after=0.5)
            for name in ("rubric_hash", "plan_hash", "transcript_hash"):
                sheet.soft(f"{_words(name)} {getattr(one, name)}", indent=4, after=0.3)
    if engine := ((report.assessment and report.assessment.result) or {}).get("engine"):
        sheet.soft(f"Model {engine['model']}, {engine['raters']} ratings of each criterion", after=0.3)
    if report.recording is not None:
        sheet.soft(f"Recording SHA-256 {report.recording.sha256}", after=0.3)


def _figures(whose: str, overall: float | None, recommendation: str | None) -> str:
    figure = "no overall figure" if overall is None else f"{overall:g} of 100"
    return f"{whose}: {figure}" + (f", {_words(recommendation).lower()}" if recommendation else "")


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _time(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"


def _clock(ms: int) -> str:
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    return f"{minutes}:{seconds:02}"

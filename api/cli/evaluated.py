"""What `vivavoce evaluate` shows people: levels with their quotes and times, coverage, and what needs a human."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

SHOWN = 160  # characters of a quote
RATED = "scored"


def show(found: Mapping[str, Any], console: Console) -> None:
    """Print the whole evaluation."""
    facts, scores = found["facts"], found["scores"]
    console.print(_speakers(facts), soft_wrap=True)
    console.print()
    console.print(_questions(facts["qa"]))
    if scores is None:
        console.print("No scores: the candidate answered no question of the plan, so there is nothing to rate.")
    else:
        console.print(_criteria(scores))
        console.print(_overall(scores), style="bold", soft_wrap=True)
    for line in _to_look_at(facts, scores):
        console.print(line, soft_wrap=True)


def _speakers(facts: Mapping[str, Any]) -> str:
    about, times = facts["imported"], facts["timing"]
    who = ", ".join(f"{one['name']} ({one['role']})" for one in about["speakers"])
    ratio = "" if times["talk_ratio"] is None else f"; the candidate spoke {times['talk_ratio']:.0%} of the time"
    return f"{who}. {_clock(times['call_ms'])} long{ratio}."


def _questions(qa: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="Questions", title_justify="left")
    for heading in ("question", "what came of it", "at", "words"):
        table.add_column(heading, justify="right" if heading in ("at", "words") else "left")
    for entry in qa:
        reason = f" ({_plain(entry['reason'])})" if entry["reason"] else ""
        at = "" if entry["asked_at_ms"] is None else _clock(entry["asked_at_ms"])
        table.add_row(Text(entry["question"]), _plain(entry["outcome"]) + reason, at, str(entry["words"]))
    return table


def _criteria(scores: Mapping[str, Any]) -> Table:
    table = Table(title="Criteria", title_justify="left", show_lines=True)
    for heading in ("criterion", "level", "why, and in whose words"):
        table.add_column(heading)
    for one in scores["criteria"]:
        level = str(one["level"]) if one["status"] == RATED else _plain(one["status"])
        told = Text(str(one["rationale"]))
        for name, mark in (("evidence", "+"), ("counter_evidence", "-")):
            quotes = dict.fromkeys(_quote(scores["evidence"][number]) for number in one[name])
            told.append("".join(f"\n{mark} {quote}" for quote in quotes), style="dim")
        table.add_row(Text(str(one["name"])), level, told)
    return table


def _overall(scores: Mapping[str, Any]) -> str:
    share = f"{scores['scored_weight']:.0%} of the weight was rated"
    figure = "withheld" if scores["overall"] is None else f"{scores['overall']:g} of 100"
    verdict = "none" if scores["recommendation"] is None else _plain(scores["recommendation"])
    capped = f", capped by {', '.join(scores['capped_by'])}" if scores["capped_by"] else ""
    return f"Overall {figure} ({share}). Recommendation: {verdict}{capped}. A person decides."


def _to_look_at(facts: Mapping[str, Any], scores: Mapping[str, Any] | None) -> Iterator[str]:
    criteria = scores["criteria"] if scores else ()
    if human := [one["name"] for one in criteria if one.get("needs_human") or one["status"] == "insufficient_evidence"]:
        yield f"Needs a human: {', '.join(human)}."
    for state, words in (
        ("thin", "Little was said about"),
        ("asked", "Asked, not answered"),
        ("not_asked", "Not asked"),
    ):
        if names := [one["name"] for one in facts["coverage"] if one["state"] == state]:
            yield f"{words}: {', '.join(names)}."
    for flag in facts["injection_flags"]:
        yield f"Meant for whoever rates, left out and not punished: {_quote(flag)}"
    yield from facts["imported"]["notes"]


def _quote(one: Mapping[str, Any]) -> str:
    text = one["quote"]
    return f"{_clock(one['start_ms'])} “{text if len(text) <= SHOWN else text[:SHOWN] + '…'}”"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"

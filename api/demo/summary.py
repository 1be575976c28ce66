"""What is told after an interview: questions and answers with coverage, where the time went, what holds, the files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.client import StreamEvent
from api.demo.call import HeldCall
from api.demo.figures import EAR, PARTS, answer_turns, barge_ins, candidate_turns, cut_off, latencies
from api.demo.verdict import Check, named

NAMES = {
    "wait_ms": "wait (silence until the turn was over)",
    "turn_model_ms": "turn model (inside the wait)",
    "text_ms": "text (final words after that)",
    "brain_ms": "brain (what to say)",
    "first_sound_ms": "first sound (voice)",
    "wire_ms": "wire (half of the round trip)",
    "total_ms": "total, as the bot sees it",
    EAR: "response at the candidate's ear",
}


def questions_and_answers(held: HeldCall) -> Iterator[Text]:
    """Yield what became of each question: its outcome, and what was said to it and to its follow-ups, in order."""
    for number, entry in enumerate(held.body.get("coverage") or (), 1):
        outcome = entry["status"].replace("_", " ")
        told = [f"{outcome} ({entry['reason']})" if entry.get("reason") else outcome]
        turns = answer_turns(held, entry["question_id"])
        if turns:
            words = sum(len(turn["text"].split()) for turn in turns)
            told.append(f"{words} words in {sum(turn['end_ms'] - turn['start_ms'] for turn in turns) / 1000:.0f} s")
        if entry.get("signals"):
            told.append(", ".join(signal.replace("_", " ") for signal in entry["signals"]))
        yield Text.assemble(f"{number}. ", (entry["text"], "bold"), "\n   ", (" · ".join(told), "dim"))
        probes = [(event.at_ms or 0, event.data["text"]) for event in held.events if _is_follow_up(event, entry)]
        said = [(turn["start_ms"], turn["text"]) for turn in turns]
        for at, text in sorted([*probes, *said]):
            yield Text.assemble("   ", (text, "italic") if (at, text) in probes else text)


def _is_follow_up(event: StreamEvent, entry: dict[str, Any]) -> bool:
    data = event.data
    return event.type == "question.asked" and data["question_id"] == entry["question_id"] and data["follow_up"] > 0


def coverage_line(held: HeldCall) -> str:
    """Return the coverage in one line."""
    coverage: list[dict[str, Any]] = held.body.get("coverage") or []
    answered = sum(entry["status"] == "answered" for entry in coverage)
    words = sum(len(turn["text"].split()) for turn in candidate_turns(held))
    talk = sum(turn["end_ms"] - turn["start_ms"] for turn in candidate_turns(held)) / 1000
    return f"{answered} of {len(coverage)} questions answered; {words} words in {talk:.0f} s of speech"


def latency_table(held: HeldCall) -> Table:
    """Return where the time between an answer and the reply went."""
    table = Table(title="From the end of an answer to the reply (ms)", title_justify="left")
    for heading in ("part", "p50", "p95", "n"):
        table.add_column(heading, justify="left" if heading == "part" else "right")
    spreads = latencies(held)
    for part in (*PARTS, EAR):
        values = [spreads[part][key] for key in ("p50", "p95", "n")]
        style = "bold" if part == EAR else ""
        table.add_row(NAMES[part], *("–" if value is None else f"{value:.0f}" for value in values), style=style)
    return table


def tell(console: Console, held: HeldCall, checks: Sequence[Check], out: Path) -> None:
    """Print the whole summary."""
    console.rule("summary")
    if held.body.get("coverage"):
        for line in questions_and_answers(held):
            console.print(line)
        console.print(coverage_line(held))
        console.print()
    console.print(latency_table(held))
    more = [f"bot in the room {held.join_ms} ms after the request"] if held.join_ms is not None else []
    more += (
        [f"barge-in: silence after {' and '.join(str(one) for one in barge_ins(held))} ms"] if barge_ins(held) else []
    )
    console.print("; ".join(more))
    if interrupted := cut_off(held):
        console.print(f"the bot began to speak before its end: {'; '.join(named(one) for one in interrupted)}")
    console.print()
    for check in checks:
        mark, style = ("✓", "green") if check.ok else ("✗", "bold red")
        console.print(Text.assemble((f"{mark} ", style), check.name, (f": {check.detail}", "dim" if check.ok else "")))
    console.print()
    console.print("files:")
    for path in sorted(out.iterdir()):
        console.print(f"  {path}", soft_wrap=True, highlight=False)

"""Answers by a chat model: its quotes are looked up, and what they don't hold is not passed on.

It is asked for what was said or summed up alone; scores, private ground and the ledger are the rules' own. Whoever asks
falls back on the rules: a model that is slow, broken, quotes what nobody said or judges is not heard.
"""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.copilot.answers import Answering, Reply
from api.copilot.questions import After
from api.copilot.retrieval import stems, words_of
from api.copilot.sources import Passage, Source
from api.evaluation.transcript import Quote
from api.model import Model
from prompts import load_prompt

MODELLED = frozenset({After.FACT, After.SUMMARY})
HELD = 0.5  # of the stems of an answer, so many stand in its quotes or in the question
SHORTEST_QUOTE = 3  # words
MOST_SHOWN = 20_000  # characters of the transcript: an hour's talk has three times as many


class QuoteOut(BaseModel):
    """A passage that the answer rests on. turn: its number, for the transcript alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source
    turn: int | None
    text: Annotated[str, Field(min_length=1, max_length=600)]


class CopilotAnswer(BaseModel):
    """An answer and the passages that hold it; known false: nothing there answers the question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    known: bool
    text: Annotated[str, Field(max_length=800)]
    quotes: Annotated[tuple[QuoteOut, ...], Field(max_length=4)]


class Modelled:
    """Asks a model."""

    def __init__(self, model: Model) -> None:
        self._model, self._prompt = model, load_prompt("copilot_answer")

    async def reply(self, one: Answering) -> Reply:
        """Return the model's answer, checked; raise `ModelFailed`."""
        material = one.material
        answer = await self._model.ask(
            self._prompt,
            CopilotAnswer,
            check=lambda answer: complaints(answer, one),
            language=one.asked.language,
            question=one.asked.text,
            plan=[passage.text for passage in material.passages() if passage.source is Source.PLAN],
            resume=list(material.resume),
            transcript=[
                f"{turn.seq} {material.speakers.get(turn.seq, turn.role)}: {turn.text}"
                for turn in one.turns(MOST_SHOWN)
            ],
        )
        found = [passage for quote in answer.value.quotes if (passage := look_up(quote, one)) is not None]
        return one.quoting(found if answer.value.known else (), "model", answer.value.text)


def complaints(answer: CopilotAnswer, one: Answering) -> Sequence[str]:
    """What a program can see to be wrong with an answer; nothing, when it may be shown."""
    if not answer.known:
        return []
    if not answer.quotes or not answer.text.strip():
        return ["an answer that is known needs a text and at least one quote"]
    wrong = [
        f"{quote.text!r} does not stand in the {quote.source.value}"
        for quote in answer.quotes
        if look_up(quote, one) is None
    ]
    if one.words.wishes(answer.text) & {"judged", "verdict"}:
        wrong.append("it judges; say what was said and nothing about how good it is")
    held = " ".join([*(quote.text for quote in answer.quotes), one.asked.text, *one.material.speakers.values()])
    figures = {word for word in words_of(answer.text) if word[0].isdigit()} - set(words_of(held))
    if figures:
        wrong.append(f"{', '.join(sorted(figures))} does not stand in the quotes")
    told = set(stems(answer.text, one.material.language, one.words.stop))
    if told and len(told & set(stems(held, one.material.language))) < HELD * len(told):
        wrong.append("the text says what its quotes do not hold")
    return wrong


def look_up(quote: QuoteOut, one: Answering) -> Passage | None:
    """Return where a quote stands, word for word; None where it does not. Only white space may differ."""
    wanted = quote.text.strip().strip("\"“”„«»'").split()
    if len(wanted) < SHORTEST_QUOTE:
        return None
    pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, wanted)) + r"(?!\w)")
    if quote.source is Source.TRANSCRIPT:
        for turn in one.material.turns:
            if turn.seq == quote.turn and (found := pattern.search(turn.text)) is not None:
                words = Quote(turn, found.start(), found[0])
                speaker = one.material.speakers.get(turn.seq)
                return Passage(Source.TRANSCRIPT, found[0], quote=words, speaker=speaker, role=turn.role)
        return None
    for passage in one.material.passages():
        if passage.source is quote.source and (found := pattern.search(passage.text)) is not None:
            return Passage(passage.source, found[0])
    return None

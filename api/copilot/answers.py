"""Answers by rules: what was said, word for word and with its time, or that nothing here answers it.

Nothing is concluded and nothing is judged: an answer is quotes, or the ledger as it stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.copilot.questions import After, Asked, Reader, reader, understand
from api.copilot.retrieval import Hit, search, stem, stems, words_of
from api.copilot.sources import Material, Passage, Source
from api.evaluation.transcript import LONGEST_QUOTE, Turn, key_points
from bot.interview import Role
from bot.interview.spotting import fold

MOST_QUOTES = 3
ENOUGH = 0.5  # of a question's weight, so much in a passage answers it
ENOUGH_WITH_NUMBER = 0.35  # the same where a figure is asked for, and stands there
CLOSE = 0.6  # of the best passage's score: what comes behind it is about something else
MOST_ITEMS = 8  # of a list


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. known: whether what there is answers the question; engine: `rules` or `model`."""

    text: str
    known: bool
    quotes: tuple[Passage, ...] = ()
    engine: str = "rules"

    def told(self, id_: str) -> dict[str, Any]:
        """As the panel is told."""
        quotes = [quote.told() for quote in self.quotes]
        return {"id": id_, "text": self.text, "known": self.known, "by_engine": self.engine, "quotes": quotes}


@dataclass(frozen=True, slots=True)
class Answering:
    """One question and what there is to answer it from."""

    asked: Asked
    material: Material
    words: Reader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", reader(self.asked.language))

    @classmethod
    def of(cls, question: str, material: Material) -> "Answering":
        """Understand a question against what there is."""
        asked = understand(question, material.language, material.candidate, set(material.speakers.values()))
        return cls(asked, material)

    def reply(self) -> Reply:
        """Return the answer."""
        says = self.words.words.says
        match self.asked.after:
            case After.VERDICT:
                return Reply(says.no_verdict, known=False)
            case After.OFF_LIMITS:
                assert self.asked.found is not None
                found = self.asked.found
                return Reply(says.off_limits.format(reason=found.reason, rephrase=found.rephrase), known=False)
            case After.OPEN:
                return self._open()
            case After.SUMMARY:
                return self._summary()
            case After.LAST:
                return self._last()
            case After.FACT:
                return self.quoting(self._found())

    def quoting(self, quotes: Sequence[Passage], engine: str = "rules", text: str | None = None) -> Reply:
        """Return an answer that rests on quotes; without any, that nothing here answers the question."""
        says = self.words.words.says
        if not quotes:
            return Reply(says.unknown_with_resume if self.material.resume else says.unknown, known=False, engine=engine)
        told = text or " ".join(self._quoted(passage) for passage in quotes)
        return Reply(told, known=True, quotes=tuple(quotes), engine=engine)

    def turns(self, most: int) -> list[Turn]:
        """The turns that matter to the question, in their order, up to so many characters.

        First those that hold something of it, then the newest.
        """
        hits = search(self._query(), [*self.material.said()], self.material.language)
        told = [hit.passage.quote.turn for hit in hits if hit.passage.quote is not None]
        chosen: dict[int, Turn] = {}
        for turn in (*told, *reversed(self.material.turns)):
            if turn.seq not in chosen and len(turn.text) <= most:
                chosen[turn.seq] = turn
                most -= len(turn.text)
        return [chosen[seq] for seq in sorted(chosen)]

    # ---- what is looked up ---------------------------------------------------------------------------------------

    def _query(self) -> list[str]:
        stop = self.words.stop | {fold(part) for name in self._names() for part in words_of(name)}
        return stems(self.asked.text, self.material.language, stop)

    def _found(self) -> list[Passage]:
        language, query = self.material.language, self._query()
        if not query:
            # "What did I ask?": the newest; about nothing and of nobody, nothing.
            said = [one for one in self._passages() if one.quote is not None]
            return said[-MOST_QUOTES:] if self.asked.by or self.asked.speakers else []
        good = [hit for hit in search(query, self._passages(), language) if self._answers(hit)]
        best = [hit.passage for hit in good if hit.score >= CLOSE * good[0].score]
        return best[:MOST_QUOTES]

    def _passages(self) -> list[Passage]:
        asked, found = self.asked, self.material.passages()
        if asked.sources:
            return [one for one in found if one.source in asked.sources]
        if asked.speakers:
            return [one for one in found if one.speaker in asked.speakers]
        if asked.by == Role.INTERVIEWER:
            return [one for one in found if one.role in (Role.INTERVIEWER, Role.BOT)]
        if asked.by == Role.CANDIDATE:
            return [one for one in found if one.role == Role.CANDIDATE or one.source is Source.RESUME]
        facts = self.material.plan.facts  # what is to be asked is no answer to anything
        return [one for one in found if one.source is not Source.PLAN or one.text in facts]

    def _answers(self, hit: Hit) -> bool:
        """Whether a passage holds enough of a question: its names and figures, and half of its weight."""
        around = {*stems(f"{hit.passage.before} {hit.passage.text}", self.material.language)}
        if any(name not in around for name in self._must_hold()):
            return False
        if self.asked.number and not self._has_number(hit.passage.text):
            return False
        return hit.share >= (ENOUGH_WITH_NUMBER if self.asked.number else ENOUGH)

    def _must_hold(self) -> Iterable[str]:
        """The stems of the names and figures that a question is about; in German every noun begins like a name."""
        said = words_of(self.asked.text)
        names = {fold(part) for name in self._names() for part in words_of(name)}
        for place, word in enumerate(said):
            is_name = place > 0 and word[0].isupper() and self.asked.language != "de" and fold(word) not in names
            if (is_name or word[0].isdigit() or word.isupper()) and fold(word) not in self.words.stop | names:
                yield stem(word, self.material.language)

    def _has_number(self, text: str) -> bool:
        return any(word[0].isdigit() or fold(word) in self.words.numbers for word in words_of(text))

    def _names(self) -> set[str]:
        return {self.material.candidate, *self.material.speakers.values()}

    # ---- where the interview stands --------------------------------------------------------------------------------

    def _open(self) -> Reply:
        material, words = self.material, self.words.words
        names = {one.id: one.name for one in material.plan.criteria}
        thin = [
            f"{names[key]} ({words.states[state]})"
            for key, state in material.states.items()
            if key in names and state in words.states
        ]
        left = [one for one in material.plan.questions if one.id not in material.asked]
        told = [words.says.still_open.format(items="; ".join(thin))] if thin else []
        if left:
            told.append(words.says.not_asked.format(items=" · ".join(one.text for one in left[:MOST_ITEMS])))
        if not told:
            told.append(words.says.all_covered if material.states else words.says.no_criteria)
        if material.left_s is not None:
            told.append(words.says.time_left.format(minutes=max(0, round(material.left_s / 60))))
        quotes = tuple(Passage(Source.PLAN, one.text) for one in left[:MOST_ITEMS])
        return Reply("\n".join(told), known=True, quotes=quotes)

    def _summary(self) -> Reply:
        material, says = self.material, self.words.words.says
        said = [one for one in material.said() if one.role == Role.CANDIDATE and one.quote is not None]
        if not said:
            return Reply(says.nothing_said, known=False)
        questions = {one.id: one.text for one in material.plan.questions}
        minutes = round(material.reached_ms / 60_000)
        told = [says.so_far.format(minutes=minutes, asked=len(material.asked), planned=len(questions))]
        quotes: list[Passage] = []
        for id_ in dict.fromkeys(one.quote.turn.question_id for one in said if one.quote):
            about = [one for one in said if one.quote and one.quote.turn.question_id == id_]
            points = key_points([one.quote for one in about if one.quote], material.language)[:2]
            chosen = [one for one in about if one.quote in points]
            spoken = " ".join(self._quoted(one) for one in chosen)
            told.append(says.about.format(question=questions[id_], quotes=spoken) if id_ in questions else spoken)
            quotes += chosen
        return Reply("\n".join(told), known=True, quotes=tuple(quotes))

    def _last(self) -> Reply:
        by = self.asked.by or Role.CANDIDATE
        said = [one for one in self.material.said() if one.role == by and one.quote is not None]
        last = said[-1].quote.turn.seq if said and said[-1].quote else None
        newest = [one for one in said if one.quote and one.quote.turn.seq == last]
        if not newest:
            return Reply(self.words.words.says.nothing_said, known=False)
        return self.quoting(newest[-MOST_QUOTES:])

    def _quoted(self, passage: Passage) -> str:
        says = self.words.words.says
        text = passage.text if len(passage.text) <= LONGEST_QUOTE else f"{passage.text[:LONGEST_QUOTE].rstrip()} …"
        match passage.source:
            case Source.PLAN:
                return says.plan.format(quote=text)
            case Source.RESUME:
                return says.resume.format(quote=text)
            case Source.TRANSCRIPT:
                at = 0 if passage.quote is None else passage.quote.start_ms // 1000
                speaker = passage.speaker or passage.role or ""
                return says.transcript.format(speaker=speaker, time=f"{at // 60}:{at % 60:02}", quote=text)

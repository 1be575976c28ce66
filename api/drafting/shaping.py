"""What style, tone and seniority make of a choice of questions, put together for one request."""

import re
from dataclasses import dataclass

from api.agents import Tone
from api.jobs import Seniority
from api.templates.conduct import Style
from bot.plan import Patience
from prompts import BankQuestion, Shapes, Skill
from prompts.shapes import Depth, PlainQuestion, StyleQuestion, StyleShape, ToneShape

NO_STYLE = StyleShape(about="what the role needs", own_share=2)
_STEPS = (Patience.BRIEF, Patience.NORMAL, Patience.LONG)


@dataclass(frozen=True, slots=True)
class Shape:
    """How questions are chosen, put and waited for; the names are those of `prompts/shapes.yaml`.

    patience: how many steps longer than usual an answer may take to come.
    """

    first: tuple[str, ...]
    own_share: int
    per_skill: int
    depth: Depth
    max_followups: int
    longest: float | None
    asks: tuple[StyleQuestion, ...]
    plain: tuple[PlainQuestion, ...]
    general: tuple[str, ...]
    further: tuple[str, ...]
    patience: int
    tone: ToneShape

    def in_depth(self, skill: Skill) -> list[BankQuestion]:
        """Return the questions of one skill in the order they are to be asked in.

        Ways of working have no depth beyond shallow: what somebody did is the deeper answer.
        """
        match self.depth:
            case "shallow":
                return sorted(skill.questions, key=_demand)
            case "deep" if skill.category != "behavioural":
                return sorted(skill.questions, key=lambda question: -_demand(question))
            case "practical":  # what one would do, before what one has done
                return sorted(skill.questions, key=lambda question: question.expects[0] != "action")
            case _:
                return list(skill.questions)

    def waits(self, question: BankQuestion) -> Patience:
        """Return how long an answer to `question` may take to come."""
        return _STEPS[min(_STEPS.index(Patience(question.patience)) + self.patience, len(_STEPS) - 1)]

    def wording(self, question: BankQuestion | PlainQuestion) -> tuple[str, str]:
        """Return how a question is asked, and how it is put when it was not understood."""
        swap = self.tone.prefers == "shorter" and _longest(question.rephrase) < _longest(question.text)
        return (question.rephrase, question.text) if swap else (question.text, question.rephrase)


def shape_of(shapes: Shapes, style: Style | None, tone: Tone, seniority: Seniority | None) -> Shape:
    """Return the shape of a request."""
    of_style = shapes.styles[style.value] if style else NO_STYLE
    of_level = shapes.seniorities[seniority.value] if seniority else shapes.usual
    return Shape(
        first=of_style.first,
        own_share=of_style.own_share,
        per_skill=of_style.per_skill,
        depth=of_level.depth if of_style.depth == "mixed" else of_style.depth,
        max_followups=of_style.max_followups,
        longest=of_style.minutes,
        asks=of_style.asks,
        plain=of_style.plain,
        general=of_level.general,
        further=shapes.further,
        patience=of_level.patience,
        tone=shapes.tones[tone.value],
    )


def _demand(question: BankQuestion) -> int:
    """How much a question asks for: time to think, a weighing, a figure."""
    return (question.patience == "long") + ("trade_off" in question.expects) + ("number" in question.expects)


def _longest(text: str) -> int:
    """Words in the longest sentence."""
    return max(len(sentence.split()) for sentence in re.split(r"(?<=[.?])\s", text))

"""Questions made for one request: about what a résumé mentions, and about what documents say. Pure functions.

Of a résumé only words that the question bank knows are taken up, as they stand there; of documents headings and rules
that can be said aloud. Nothing that is off limits or reads like an order is.
"""

import re
from collections.abc import Iterator, Sequence

from api.drafting.choosing import Chosen
from api.drafting.reading import readable
from api.drafting.schemas import DocumentIn
from api.drafting.vocabulary import Recognised, Vocabulary
from bot.interview.off_limits import is_off_limits
from prompts import BankQuestion, Shapes, Skill
from prompts.shapes import ToneShape

MOST_FROM_RESUME = 3
MOST_FROM_DOCUMENTS = 20
HEADING_WORDS, RULE_WORDS = 8, 18
_HEADING = re.compile(r"(?:#{1,6}\s+|\d{1,2}(?:\.\d{1,2}){0,3}[.)]?\s+)(\S.*)")
_RULE = re.compile(r"\b(?:must|always|never|at least|at most|within|only|required|has to|have to)\b", re.IGNORECASE)
_SAYABLE = re.compile(r"[\w '’,%-]+")


def from_resume(
    text: str, wanted: Sequence[Recognised], vocabulary: Vocabulary, shapes: Shapes, tone: ToneShape
) -> list[Chosen]:
    """Return questions about what a résumé says of the wanted skills, at most one to a skill."""
    by_skill = {one.skill.skill: one for one in wanted if one.words}
    found: dict[str, Chosen] = {}
    for skill, words in vocabulary.quotes_in(readable(text)[0]):
        if skill.skill in by_skill and skill.skill not in found:
            question = BankQuestion(
                id=f"resume.{skill.skill}",
                version=1,
                measures=shapes.resume.measures.format(words=words),
                text=tone.resume.format(words=words),
                rephrase=tone.resume_rephrase.format(words=words),
                expects=("situation", "own_part", "result"),
                probes=shapes.resume.probes,
                anchors=skill.anchors or skill.questions[0].anchors,
                minutes=3.0,
                terms=(words,),
            )
            because = f"The résumé mentions {words!r}, which belongs to {skill.name}."
            found[skill.skill] = Chosen(skill, question, by_skill[skill.skill].words, because)
    return list(found.values())[:MOST_FROM_RESUME]


def from_documents(documents: Sequence[DocumentIn], shapes: Shapes) -> list[Chosen]:
    """Return questions about the headings and rules of documents, from each document in turn."""
    shape = shapes.process
    quoted = [(document, kind, words) for document in documents for kind, words in _quotes(document.text)]
    questions = []
    for number, (_, kind, words) in enumerate(quoted[:MOST_FROM_DOCUMENTS], 1):
        heading = kind == "heading"
        questions.append(
            BankQuestion(
                id=f"process.{number}",
                version=1,
                measures=shape.measures.format(words=words),
                text=(shape.heading if heading else shape.statement).format(words=words),
                rephrase=(shape.heading_rephrase if heading else shape.statement_rephrase).format(words=words),
                expects=("action", "situation"),
                probes=shape.probes,
                anchors=dict(shape.anchors) | ({} if heading else {3: shape.known.format(words=words)}),
                minutes=3.0,
            )
        )
    if not questions:
        return []
    skill = Skill(
        skill=shape.skill,
        name=shape.name,
        topic=shape.topic,
        category="role",
        about=shape.about,
        anchors=shape.anchors,
        questions=tuple(questions),
    )
    return [
        Chosen(skill, question, (words,), f"Document {document.title!r} has the {kind} {words!r}.")
        for question, (document, kind, words) in zip(questions, quoted, strict=False)
    ]


def _quotes(text: str) -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for line in readable(text)[0].splitlines():
        if (heading := _HEADING.fullmatch(line.strip())) is not None:
            kind, pieces, most = "heading", [heading[1]], HEADING_WORDS
        else:
            kind, most = "rule", RULE_WORDS
            pieces = [piece for piece in re.split(r"(?<=[.!?;])\s+", line) if _RULE.search(piece)]
        for piece in pieces:
            words = " ".join(piece.strip(" -*•.:;!").split())
            if (
                1 < len(words.split()) <= most
                and _SAYABLE.fullmatch(words)
                and words.casefold() not in seen
                and not is_off_limits(words, "en")
            ):
                seen.add(words.casefold())
                yield kind, words if kind == "heading" else words[:1].lower() + words[1:]

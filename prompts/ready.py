"""Plans: made from the bank by ids, or read from a file that may name questions of the bank."""

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path
from typing import Any

from prompts.errors import NotFound
from prompts.files import Document, package, read_yaml
from prompts.questions import Bank, load_bank

_SUFFIX, _ANSWERS = ".yaml", "-answers"


def plan_from_bank(
    title: str, ids: Sequence[str], language: str = "en", minutes: float = 30.0, *, bank: Bank | None = None
) -> dict[str, Any]:
    """Make a plan of these questions in this order; neighbours of one skill share a section.

    Raises `NotFound` for an id that the bank does not hold, or a language it is not worded in.
    """
    bank = bank or load_bank()
    if language != "en":
        raise NotFound("wording of the question bank in language", language, ["en"])
    sections: list[dict[str, Any]] = []
    for skill, group in groupby((bank.skill_of(question_id) for question_id in ids), key=lambda skill: skill.skill):
        members = list(group)
        start = sum(len(section["questions"]) for section in sections)
        nth = 1 + sum(section["id"].partition(".")[0] == skill for section in sections)
        sections.append(
            {
                "id": skill if nth == 1 else f"{skill}.{nth}",
                "name": members[0].topic,
                "questions": [_question(bank, question_id) for question_id in ids[start : start + len(members)]],
            }
        )
    criteria = [_criterion(bank, question_id) for question_id in ids]
    return {"title": title, "minutes": minutes, "language": language, "criteria": criteria, "sections": sections}


def plan_names(root: Traversable | None = None) -> tuple[str, ...]:
    """Return the names of the plans that come with the product."""
    names = [file.name.removesuffix(_SUFFIX) for file in _folder(root).iterdir() if file.name.endswith(_SUFFIX)]
    return tuple(sorted(name for name in names if not name.endswith(_ANSWERS)))


def load_plan(plan: str | Path, *, bank: Bank | None = None, root: Traversable | None = None) -> dict[str, Any]:
    """Return the plain values of a plan, from its name or the path of a YAML or JSON file.

    A question may be written out, be the id of one of the bank's, or be `use: ID` with what is to differ; the bank's
    come with their criterion. Raises `NotFound` or `BadFile`; what the rest means is for `bot.plan.Plan` to check.
    """
    document = _read(plan, plan_names(root), root)
    values = dict(document.data)
    if not isinstance(values.get("sections"), list):
        return values
    sections, used = [], []
    for index, section in enumerate(values["sections"]):
        entries = section.get("questions") if isinstance(section, dict) else None
        if not isinstance(entries, list):
            sections.append(section)
            continue
        questions = []
        for number, entry in enumerate(entries):
            question_id = entry.get("use") if isinstance(entry, dict) else entry
            if question_id is None:
                questions.append(entry)
                continue
            bank = bank or load_bank()
            try:
                question = _question(bank, str(question_id))
            except NotFound as why:
                raise document.bad(["sections", index, "questions", number], str(why)) from why
            changes = {key: value for key, value in entry.items() if key != "use"} if isinstance(entry, dict) else {}
            questions.append(question | changes)
            if "criteria" not in changes:
                used.append(str(question_id))
        sections.append(section | {"questions": questions})
    if bank is not None:
        values["criteria"] = [*values.get("criteria", []), *(_criterion(bank, question_id) for question_id in used)]
    return values | {"sections": sections}


def load_answers(plan: str | Path, *, root: Traversable | None = None) -> dict[str, list[str]]:
    """Return what a simulated candidate says to a plan: by question id the answer, then those to its follow-ups.

    `plan` is the name of a plan that comes with the product, or the path of a file with such answers.
    """
    name = plan if isinstance(plan, Path) or "." in plan else plan + _ANSWERS
    known = [one + _ANSWERS for one in plan_names(root) if (_folder(root) / f"{one}{_ANSWERS}{_SUFFIX}").is_file()]
    document = _read(name, known, root)
    answers: dict[str, list[str]] = {}
    for question_id, texts in document.data.items():
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise document.bad([question_id], "must be a list of texts: the answer, then those to follow-ups")
        answers[question_id] = texts
    return answers


def _folder(root: Traversable | None) -> Traversable:
    return (root or package()) / "plans"


def _read(name: str | Path, known: Sequence[str], root: Traversable | None) -> Document:
    if isinstance(name, str) and name in known:
        return read_yaml(_folder(root) / f"{name}{_SUFFIX}")
    if isinstance(name, Path) or "/" in name or name.endswith((_SUFFIX, ".yml", ".json")):
        return read_yaml(Path(name))
    raise NotFound("plan", name, known)


def _question(bank: Bank, question_id: str) -> dict[str, Any]:
    question = bank.question(question_id)
    return question.model_dump(mode="json", exclude={"version", "measures", "anchors"}) | {"criteria": [question_id]}


def _criterion(bank: Bank, question_id: str) -> dict[str, Any]:
    question = bank.question(question_id)
    return {
        "id": question_id,
        "name": question.measures,
        "description": bank.skill_of(question_id).about,
        "anchors": dict(question.anchors),
    }

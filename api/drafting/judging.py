"""What is judged: questions of one skill, or of one family of skills, under one criterion each. Pure functions."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.drafting.choosing import Chosen
from api.drafting.schemas import ScoringIn
from api.errors import Complaint, Invalid
from api.templates.criteria import TOLERANCE
from bot.plan import Criterion
from prompts import Bank, Family, Skill

MOST_CRITERIA = 7
NAMED_WEIGHT = 1.5  # of a question about what the text names, beside one about anything else
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are judged together. topic: how they are named within a sentence."""

    id: str
    name: str
    topic: str
    about: str
    anchors: Mapping[int, str]
    members: tuple[Chosen, ...]


def grouped(chosen: Sequence[Chosen], bank: Bank) -> list[Group]:
    """Return the questions by skill, in the order they were taken; where those are too many, families go together.

    Of the families the one with the most skills goes together first, until there are no more than seven groups.
    """
    families = {family.family: family for family in bank.families}
    together: set[str] = set()
    while len(names := list(dict.fromkeys(_name(one.skill, together) for one in chosen))) > MOST_CRITERIA:
        apart = Counter(
            family for name in names if name in bank.skill and (family := bank.skill[name].family) in families
        )
        if not apart:
            break
        together.add(apart.most_common(1)[0][0])
    return [_group(name, [one for one in chosen if _name(one.skill, together) == name], families) for name in names]


def criteria_of(groups: Sequence[Group], scoring: Mapping[str, ScoringIn]) -> tuple[Criterion, ...]:
    """Return one criterion for each group, as `scored` has it.

    A criterion weighs as its questions' minutes, half as much again where the text names its skill.
    """
    usual = [
        Criterion(id=group.id, name=group.name, description=group.about, anchors=dict(group.anchors))
        for group in groups
    ]
    return scored(usual, {group.id: _raw(group) for group in groups}, scoring)


def scored(
    usual: Sequence[Criterion], weights: Mapping[str, float], scoring: Mapping[str, ScoringIn]
) -> tuple[Criterion, ...]:
    """Return criteria with what is to differ merged over the usual, and with weights that add up to 1.

    weights: of each, in proportion. Weights that are given in `scoring` stay, the others share what these leave. Raises
    `Invalid` for what there is no criterion for, and for weights that can't be.
    """
    known = {criterion.id for criterion in usual}
    for name in scoring:
        if name not in known:
            raise Invalid(
                Complaint(
                    ("body", "scoring", name),
                    f"{name!r} is none of the criteria",
                    f"choose of: {', '.join(sorted(known))}",
                )
            )
    shares = _shares(weights, {name: one.weight for name, one in scoring.items() if one.weight is not None})
    return tuple(_merged(criterion, shares[criterion.id], scoring.get(criterion.id)) for criterion in usual)


def _name(skill: Skill, together: set[str]) -> str:
    return skill.family if skill.family in together and skill.family is not None else skill.skill


def _group(name: str, members: Sequence[Chosen], families: Mapping[str, Family]) -> Group:
    if name in families:
        family = families[name]
        ordered = [
            one
            for skill in dict.fromkeys(m.skill.skill for m in members)
            for one in members
            if one.skill.skill == skill
        ]
        return Group(name, family.name, family.topic, family.about, family.anchors, tuple(ordered))
    skill = members[0].skill
    return Group(name, skill.name, skill.topic, skill.about, skill.anchors or {}, tuple(members))


def _shares(weights: Mapping[str, float], given: Mapping[str, float]) -> dict[str, float]:
    left = 1 - math.fsum(given.values())
    rest = {name: weight for name, weight in weights.items() if name not in given}
    if left < -1e-9 or (rest and left < len(rest) / HUNDREDTHS - 1e-9) or (not rest and abs(left) > TOLERANCE + 1e-9):
        raise Invalid(
            Complaint(
                ("body", "scoring"),
                f"the weights given add up to {math.fsum(given.values()):g}, with {len(rest)} criteria to go",
                "give weights that add up to 1, or to less where other criteria share the rest",
            )
        )
    return dict(given) | _rounded(rest, left)


def _raw(group: Group) -> float:
    return sum(one.question.minutes * (NAMED_WEIGHT if one.words else 1) for one in group.members)


def _rounded(raw: Mapping[str, float], total: float) -> dict[str, float]:
    """Shares of `total` in whole hundredths that add up to it, none of them nothing; the largest takes up the rest."""
    if not raw:
        return {}
    whole = math.fsum(raw.values())
    shares = {name: max(1, int(value / whole * total * HUNDREDTHS)) for name, value in raw.items()}
    largest = max(shares, key=lambda name: shares[name])
    rest = total - sum(share for name, share in shares.items() if name != largest) / HUNDREDTHS
    return {name: share / HUNDREDTHS for name, share in shares.items()} | {largest: round(rest, 4)}


def _merged(criterion: Criterion, weight: float, own: ScoringIn | None) -> Criterion:
    if own is None:
        return criterion.model_copy(update={"weight": weight})
    differs = {
        "weight": weight,
        "required": own.required or False,
        "min_level": own.min_level,
        "anchors": dict(sorted({**criterion.anchors, **own.anchors}.items())),
    }
    return criterion.model_copy(update=differs)

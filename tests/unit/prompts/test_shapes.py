"""The scales of skills and families, and what shapes an interview: what somebody judged or asked by them notices."""

import re

import pytest

from api.agents import Tone
from api.jobs import Seniority
from api.templates.conduct import Style
from prompts import load_bank, load_shapes

BANK, SHAPES = load_bank(), load_shapes()
SCALES = {
    **{skill.skill: skill.anchors or {} for skill in BANK.skills},
    **{family.family: family.anchors for family in BANK.families},
    "process": SHAPES.process.anchors,
    **{ask.id: ask.anchors for style in SHAPES.styles.values() for ask in style.asks},
}
PRAISE = re.compile(
    r"\b(excellent|poor|good|bad|great|strong|weak|average|outstanding|accent|confident)\b", re.IGNORECASE
)


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_has_five_levels_of_behaviour(name: str) -> None:
    scale = SCALES[name]
    assert list(scale) == [1, 2, 3, 4, 5]
    assert all(4 <= len(anchor.split()) <= 30 for anchor in scale.values())
    assert not PRAISE.search(" ".join(scale.values()))


def test_no_two_scales_say_the_same() -> None:
    below_five = [anchor for scale in SCALES.values() for level, anchor in scale.items() if level < 5]
    assert len(below_five) == len(set(below_five))


def test_every_skill_belongs_to_one_of_seven_families() -> None:
    families = {family.family for family in BANK.families}
    assert len(families) == 7
    assert {skill.family for skill in BANK.skills} == families


def test_there_is_a_shape_for_everything_that_can_be_asked_for() -> None:
    assert set(SHAPES.styles) == {style.value for style in Style}
    assert set(SHAPES.tones) == {tone.value for tone in Tone}
    assert set(SHAPES.seniorities) == {level.value for level in Seniority}


def test_shapes_name_skills_that_there_are() -> None:
    known = set(BANK.skill) | {"behavioural", SHAPES.process.skill}
    named = {name for style in SHAPES.styles.values() for name in (*style.first, *(ask.skill for ask in style.asks))}
    named |= {name for level in (*SHAPES.seniorities.values(), SHAPES.usual) for name in level.general}
    assert named | set(SHAPES.further) <= known


def test_what_is_asked_can_be_followed_by_ear() -> None:
    spoken = [
        text
        for style in SHAPES.styles.values()
        for one in (*style.asks, *style.plain)
        for text in (one.text, one.rephrase)
    ]
    spoken += [text for tone in SHAPES.tones.values() for text in (tone.rapport, tone.closing)]
    assert all(text[-1] in ".?" and text.count("?") <= 1 and len(text.split()) <= 25 for text in spoken)
    assert not any(re.search(r"[()\[\]{}*_#]|\d", text) for text in spoken)

"""Off-limits ground: what is asked of a candidate is found in every language, and what merely sounds like it is not."""

from pathlib import Path

import pytest
import yaml

from bot.interview.off_limits import Found, ground, is_off_limits, of_the_work, wanted
from prompts import grounds_languages, load_off_limits

HERE = Path(__file__).parent
TABLES: dict[str, dict[str, list[str]]] = {
    language: yaml.safe_load((HERE / f"off_limits_{language}.yaml").read_text(encoding="utf-8"))
    for language in grounds_languages()
}
ASKED = [
    (language, name, text)
    for language, table in TABLES.items()
    for name, texts in table.items()
    if name != "harmless"
    for text in texts
]
HARMLESS = [(language, text) for language, table in TABLES.items() for text in table["harmless"]]


def categories(found: tuple[Found, ...]) -> set[str]:
    return {one.category for one in found}


@pytest.mark.parametrize(("language", "name", "text"), ASKED)
def test_what_may_not_be_asked_is_found(language: str, name: str, text: str) -> None:
    found = ground(text, language)
    assert name in categories(found)
    assert is_off_limits(text, language)


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_what_merely_sounds_like_it_is_not(language: str, text: str) -> None:
    assert ground(text, language) == ()


def test_the_tables_are_wide_enough() -> None:
    for language, table in TABLES.items():
        asked = sum(len(texts) for name, texts in table.items() if name != "harmless")
        assert min(asked, len(table["harmless"])) >= (120 if language == "en" else 25)
        assert set(table) == {*load_off_limits(language).grounds, "harmless"}


def test_a_find_says_where_why_and_what_to_ask_instead() -> None:
    text = "Thanks. Do you have any kids, by the way?"
    (found,) = ground(text, "en")
    assert text[found.start : found.end] == found.words == "Do you have any kids"
    assert "partners and children" in found.reason
    assert found.rephrase == "This role travels four days a month and starts at nine; can you do that?"


def test_two_grounds_in_one_question_are_both_found_in_order() -> None:
    assert [one.category for one in ground("How old are you, and are you married?", "en")] == ["age", "family"]


@pytest.mark.parametrize("language", TABLES)
def test_what_may_be_asked_instead_is_lawful_itself(language: str) -> None:
    for one in load_off_limits(language).grounds.values():
        assert ground(one.rephrase, language) == (), one.rephrase


@pytest.mark.parametrize(
    ("jurisdiction", "forbidden"),
    [(None, True), ("US-CA", True), ("US-TX", False), ("US", True), ("DE", True), ("DE-BY", True), ("CH", False)],
)
def test_past_pay_may_be_asked_about_where_no_law_is_against_it(jurisdiction: str | None, forbidden: bool) -> None:
    assert bool(ground("What is your current salary?", "en", jurisdiction)) == forbidden
    assert ground("Do you have children?", "en", jurisdiction)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Native English speaker", "origin"),
        ("Speaks without an accent", "origin"),
        ("Young and dynamic", "age"),
        ("Physically fit", "health"),
        ("A clean criminal record", "criminal_record"),
    ],
)
def test_what_nobody_may_be_judged_by_is_found(text: str, name: str) -> None:
    assert name in categories(wanted(text, "en"))


@pytest.mark.parametrize(
    ("language", "answer", "left"),
    [
        ("en", "I was pregnant then. I split the table.", "I split the table."),
        ("en", "I worked with Christian on the union query.", "I worked with Christian on the union query."),
        ("en", "I taught children in third grade.", "I taught children in third grade."),
        ("en", "The pregnancy app was slow. I cached it.", "The pregnancy app was slow. I cached it."),
        ("de", "Ich war damals schwanger. Ich habe die Tabelle geteilt.", "Ich habe die Tabelle geteilt."),
        ("es", "Estoy embarazada. Dividí la tabla.", "Dividí la tabla."),
        ("fr", "J'étais enceinte. J'ai séparé la table.", "J'ai séparé la table."),
    ],
)
def test_what_a_candidate_tells_of_their_own_life_is_left_alone(language: str, answer: str, left: str) -> None:
    assert of_the_work(answer, language) == left


def test_a_language_without_words_has_no_finds() -> None:
    assert ground("Quanti anni ha?", "it") == ()
    assert of_the_work("Sono incinta.", "it") == "Sono incinta."


@pytest.mark.parametrize("text", ["Are you " * 300, "how " * 900, "your own " * 400 + "kids?", "?" * 2000])
def test_a_long_text_is_read_in_time(text: str) -> None:
    looked_at = ground(text, "en")
    assert len(looked_at) <= 1

"""The bot's own lines: every language can say everything, and says it in a way that can be spoken."""

import re
import string
from pathlib import Path

import pytest

from prompts import BadFile, BadInputs, Lines, NotFound, languages, load_lines

LANGUAGES = languages()
ENGLISH = load_lines("en")
VALUES = {
    "candidate": "Maria", "bot": "Viva", "organisation": "Acme", "section": "Python", "fact": "It is so.",
    "about": "migration", "earlier": "five", "later": "eight", "number": "two",
}  # fmt: skip
UNSPEAKABLE = re.compile(r"[()\[\]<>/*_#&;“”\"]|\d|\betc\b|\be\.g\.|\bz\.\s?B\.|\bp\. ej\.")


def filled(lines: Lines, key: str) -> str:
    return lines.say(key, **{name: VALUES[name] for name in lines.parameters(key)})


def test_four_languages() -> None:
    assert set(LANGUAGES) >= {"de", "en", "es", "fr"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_lines_parameters_and_numbers_of_wordings(language: str) -> None:
    lines = load_lines(language)
    assert lines.language == language
    assert lines.keys() == ENGLISH.keys()
    for key in sorted(ENGLISH.keys()):
        assert lines.parameters(key) == ENGLISH.parameters(key), key
        assert len(lines.variants(key)) == len(ENGLISH.variants(key)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wording_is_one_to_three_plain_spoken_sentences(language: str) -> None:
    lines = load_lines(language)
    for key in sorted(lines.keys()):
        assert len(set(lines.variants(key))) == len(lines.variants(key)), key
        for text in lines.variants(key):
            assert len(text.split()) <= 35, text
            assert text == text.strip()
            assert not UNSPEAKABLE.search(text), text
            if key != "fact_answer":
                assert text[-1] in ".?:", text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_opening_is_short_and_says_what_is_happening(language: str) -> None:
    lines = load_lines(language)
    opening = " ".join(filled(lines, key) for key in ("hello", "disclosure", "consent_ask"))
    assert len(opening.split()) <= 35
    artificial = {
        "en": "AI",
        "de": "künstliche Intelligenz",
        "es": "inteligencia artificial",
        "fr": "intelligence artificielle",
    }
    recording = {"en": "recording", "de": "nehme es auf", "es": "grabar", "fr": "enregistre"}
    for key in ("disclosure", "disclosure_plain"):
        said = filled(lines, key)
        assert artificial[language] in said
        assert recording[language] in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_leads_to_a_follow_up_neither_praise_nor_judge(language: str) -> None:
    praise = r"\b(great|excellent|perfect|well done|interesting|toll|super|interessant|hervorragend|excelente|perfecto"
    for text in load_lines(language).variants("follow_up_lead"):
        assert not re.search(praise + r"|genial|parfait|excellent|super|bravo|intéressant)\b", text, re.I), text


def test_languages_differ() -> None:
    for language in LANGUAGES:
        if language != "en":
            lines = load_lines(language)
            same = [
                key
                for key in sorted(lines.keys())
                if key != "fact_answer" and lines.variants(key) == ENGLISH.variants(key)
            ]
            assert same == []


def test_wordings_take_turns_and_each_interview_begins_anew() -> None:
    variants = ENGLISH.variants("question_next")
    one = load_lines("en")
    assert [one.say("question_next") for _ in range(len(variants) + 1)] == [*variants, variants[0]]
    assert load_lines("en").say("question_next") == variants[0]


def test_values_are_put_in_as_they_are() -> None:
    assert load_lines("en").say("hello", candidate="{bot} \\1 Zoë") == "Hello {bot} \\1 Zoë."


def test_unknown_line_says_which_there_are() -> None:
    with pytest.raises(NotFound, match=r"no line \(en\) 'helo'.*hello"):
        ENGLISH.say("helo")


def test_missing_and_unknown_values_are_named() -> None:
    with pytest.raises(BadInputs) as caught:
        ENGLISH.say("disclosure", bot="Viva", company="Acme")
    assert (caught.value.missing, caught.value.extra) == (("organisation",), ("company",))
    assert "'disclosure' (en): missing organisation; unknown company" in str(caught.value)


@pytest.mark.parametrize("language", ["xx", "", "../model/follow_up", "EN"])
def test_unknown_language_says_which_there_are(language: str) -> None:
    with pytest.raises(NotFound, match="de, en, es, fr"):
        load_lines(language)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("hello: Hi\nbye:\n  - Bye\n  - 7\n", 4, "bye.1: must be text"),
        ("hello: Hi\nbye: []\n", 2, "bye: needs at least one wording"),
        ("hello: Hi\nbye: ''\n", 2, "bye: must be text"),
        ("a: Hi {name}\nb:\n  - Hi {name}\n  - Hi\n", 4, "the same parameters: name"),
        ("a: Hi {Name}\n", 1, "a brace that is no {parameter}"),
        ("a: one\nb: two\na: three\n", 3, "'a' stands here twice"),
        ("a: [one\nb: two\n", 2, "is not YAML"),
        ("- a\n- b\n", 1, "must hold `key: value` pairs"),
        ("", 1, "must hold `key: value` pairs"),
        ("a: &x one\nb: *x\n", 2, "aliases are not used here"),
        ("a: [*x]\n", 1, "aliases are not used here"),
        ("? [a, b]\n: c\n", 1, "a key must be plain text"),
    ],
)
def test_faulty_file_is_named_with_line_and_reason(tmp_path: Path, text: str, line: int, says: str) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    file = folder / "xx.yaml"
    file.write_text(text)
    with pytest.raises(BadFile) as caught:
        load_lines("xx", tmp_path)
    assert caught.value.file == str(file)
    assert caught.value.line == line
    assert says in str(caught.value)


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "xx.yaml").write_bytes(b"hello: \xff\xfe")
    with pytest.raises(BadFile, match="is not UTF-8 text"):
        load_lines("xx", tmp_path)


def test_bottomless_nesting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "xx.yaml").write_text("a: " + "[" * 300_000 + "]" * 300_000)
    with pytest.raises(BadFile, match="line 1: is nested too deeply"):
        load_lines("xx", tmp_path)


def test_yes_and_no_stay_words(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "xx.yaml").write_text("answers: [yes, no, on, 2026-01-01]\n")
    assert load_lines("xx", tmp_path).variants("answers") == ("yes", "no", "on", "2026-01-01")


def test_parameters_are_lower_case_words() -> None:
    names = {name for key in sorted(ENGLISH.keys()) for name in ENGLISH.parameters(key)}
    assert names == VALUES.keys()
    assert all(set(name) <= set(string.ascii_lowercase + "_") for name in names)

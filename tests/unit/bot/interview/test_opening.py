"""Arrival, greeting, disclosure, consent."""

import hashlib

import pytest

from bot.interview import CandidateJoined, Expecting, Tick
from bot.interview.opening import NOTICE
from bot.spec import Limits
from bot.state import EndReason
from prompts import languages, load_lines
from tests.unit.bot.interview.plans import SYSTEM, begun, conversation


def test_a_candidate_who_never_comes_ends_the_call_in_time() -> None:
    call = conversation(limits=Limits(no_show_s=300))
    call.do(Tick())
    call.wait(299)
    assert call.ended is None
    call.wait(2)
    assert call.ended is EndReason.NO_SHOW
    assert call.said == []
    assert set(call.outcomes().values()) == {("not_reached", "no_show")}


def test_the_greeting_waits_for_the_candidate_to_settle() -> None:
    call = conversation()
    call.do(CandidateJoined("Maria", consented=True))
    assert call.said == []
    call.wait(1)
    assert call.said


def test_the_greeting_says_who_records_for_whom_and_goes_on_when_consent_was_given_on_the_page() -> None:
    call = begun()
    greeting, question = call.texts
    for part in ("Maria", "Viva", "AI", "record", "Acme", "agreed"):
        assert part in greeting
    assert len(greeting.split()) <= 35
    assert SYSTEM in question
    assert call.recorded() == [True]
    assert call.notes("consent") == [{"given": True, "method": "page", "text": ""}]


def test_without_consent_on_the_page_it_is_asked_for_and_nothing_is_recorded_before() -> None:
    call = conversation()
    call.join(consented=False)
    assert call.recorded() == []
    assert call.said[-1].expecting is Expecting.CONSENT
    call.answer("Yes, that's fine.")
    assert call.recorded() == [True]
    (consent,) = call.notes("consent")
    notice = {"notice": "spoken-1-en", "shown_ms": consent["shown_ms"]}
    assert consent == {"given": True, "method": "voice", "text": "Yes, that's fine."} | notice
    assert consent["shown_ms"] > 0
    assert SYSTEM in call.last


def test_a_no_is_respected_politely_and_no_recording_is_kept() -> None:
    call = conversation()
    call.join(consented=False)
    call.answer("No, I'd rather not.")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [False]
    assert "thank you" in call.last.lower()
    assert "No recording has been kept." in call.last  # the words of the refusal are: nothing broader would be true
    assert call.notes("consent")[0]["given"] is False
    assert call.interview.report()["consent"] == {"given": False, "method": "voice"}


@pytest.mark.parametrize(
    "yes", ["I don't have a problem with that.", "I guess so.", "That works for me.", "No problem"]
)
def test_a_yes_with_a_no_in_it_is_a_yes(yes: str) -> None:
    call = conversation()
    call.join(consented=False)
    call.answer(yes)
    assert call.recorded() == [True]


@pytest.mark.parametrize("unclear", ["I'm not sure.", "No, go ahead.", "I don't know."])
def test_an_answer_between_yes_and_no_is_asked_again(unclear: str) -> None:
    call = conversation()
    call.join(consented=False)
    call.answer(unclear)
    assert (call.ended, call.said[-1].expecting) == (None, Expecting.CONSENT)
    call.answer("Yes.")
    assert call.recorded() == [True]


def test_an_unclear_answer_is_asked_again_once() -> None:
    call = conversation()
    call.join(consented=False)
    call.answer("What happens with the sound?")
    assert call.ended is None
    assert call.said[-1].expecting is Expecting.CONSENT
    call.answer("Okay then, go ahead.")
    assert call.recorded() == [True]


def test_two_unclear_answers_are_no_consent() -> None:
    call = conversation()
    call.join(consented=False)
    call.answer("What happens with the sound?")
    call.answer("Interesting weather today.")
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [False]


def test_a_wish_to_stop_before_consent_is_a_no() -> None:
    call = conversation()
    call.join(consented=False)
    call.answer("Stop the interview.")
    assert call.ended is EndReason.CONSENT_DECLINED


def test_a_disclosure_that_was_talked_over_is_said_again() -> None:
    call = conversation()
    call.do(CandidateJoined("Maria", consented=True))
    call.wait(1)
    call.cut_in("Hello, can you hear me?", after_words=3)
    call.hear()
    assert sum("AI interviewer" in text for text in call.texts) == 2
    assert SYSTEM in call.last


def test_silence_instead_of_consent_is_reminded_of_and_then_ends_the_call() -> None:
    call = conversation(limits=Limits(silence_prompt_s=10, silence_end_s=60))
    call.join(consented=False)
    call.wait(40)
    assert "yes or" in call.last
    call.wait(60)
    assert call.ended is EndReason.CANDIDATE_SILENT
    assert call.recorded() == [False]


@pytest.mark.parametrize(("language", "yes"), [("de", "Ja, gerne."), ("es", "Sí, claro."), ("fr", "Oui, bien sûr.")])
def test_consent_works_in_every_language_the_bot_speaks(language: str, yes: str) -> None:
    plan = {
        "title": "x",
        "language": language,
        "sections": [{"id": "s", "name": "x", "questions": [{"id": "q", "text": "Quid?"}]}],
    }
    call = conversation(plan)
    call.join(consented=False)
    call.answer(yes)
    assert call.recorded() == [True]
    assert "Quid?" in call.last


def test_other_words_of_the_notice_are_another_version_of_it() -> None:
    words = [
        load_lines(language).variants(key) for language in languages() for key in ("disclosure", "disclosure_plain")
    ]
    assert (NOTICE, hashlib.sha256(repr(words).encode()).hexdigest()[:8]) == ("spoken-1", "f09d8a6e")

"""Objections to being recorded: which are certain, which are asked back, and what comes of the answer."""

import pytest

from bot.interview import CandidateJoined, StopRequested
from bot.interview.objections import may_object, objects, still_objects
from bot.state import EndReason
from prompts import load_lines
from tests.fakes.conversation import Conversation
from tests.unit.bot.interview.plans import FULL, INCIDENT, SYSTEM, begun, conversation

CERTAIN = {
    "en": ["Please don't record this.", "Um, could you stop recording, please?", "I don't want to be recorded.",
           "Sorry, I do not consent to this.", "Hold on. I object to the recording.",
           "Please do not record this interview.", "Don't record this call, please.", "Could you not record this talk?",
           "I don't want this interview recorded.", "I don't agree to be recorded.", "Please don't evaluate me.",
           "I'm not at ease with this, please stop recording.", "Please stop evaluating me.",
           "I'd like to ask you to stop recording.", "I do not consent to this being recorded.",
           "I don't consent to recording.", "I don't agree to this being recorded.",
           "I'm not okay with this being recorded.", "I no longer consent.", "I don't give my consent.",
           "I refuse to be recorded.", "Please don't record.", "I would prefer if you did not record me.",
           "Please delete the recording.", "I'd like to withdraw my consent.",
           "I don't want to be recorded. Please stop recording."],
    "de": ["Bitte nehmen Sie das nicht auf.", "Ich möchte nicht aufgenommen werden.", "Bitte keine Aufnahme.",
           "Ich möchte nicht, dass das aufgezeichnet wird.", "Please don't record this.",
           "Bitte zeichnen Sie dieses Interview nicht auf.", "Bitte bewerten Sie mich nicht.",
           "Ich stimme einer Aufnahme nicht zu.", "Ich will nicht, dass Sie mich aufnehmen.",
           "Bitte löschen Sie die Aufnahme.", "Ich bin nicht einverstanden, dass das aufgezeichnet wird.",
           "Ich möchte meine Einwilligung widerrufen.", "Ich gebe keine Einwilligung."],
    "es": ["Por favor, no grabe esto.", "No quiero que me graben.", "Deje de grabar, por favor.",
           "Me opongo a la grabación.", "No doy mi consentimiento para grabar.", "Me niego a ser grabado.",
           "Quiero retirar mi consentimiento.", "Por favor, borre la grabación.", "Ya no consiento."],
    "fr": ["N'enregistrez pas, s'il vous plaît.", "Je ne veux pas être enregistré.", "Arrêtez l'enregistrement.",
           "Je m'oppose à l'enregistrement.", "Je refuse d'être enregistré.", "Je ne donne pas mon accord.",
           "Je voudrais retirer mon consentement.", "Supprimez l'enregistrement, s'il vous plaît.",
           "Veuillez arrêter l'enregistrement."],
}  # fmt: skip
PERHAPS = {
    "en": ["I always tell my team, please don't record this. Then I take notes by hand.",
           "We had to respect privacy. No recording of the meeting. I wrote notes instead.",
           "She goes, please don't record me, and I stopped.", "He was like, I don't consent to this.",
           "I explained to them, please do not record me.", "I don't consent. That was his answer.",
           "In support we have a sign, please don't record the call.",
           "You have to say to people, I don't want to be recorded, and they will listen.",
           "Can we do this without recording?", "I don't want to be interviewed by an AI.",
           "I said I don't want to be recorded.", "I'm really not sure I want all of this to be recorded, you know."],
    "de": ["Ich sage meinem Team immer, bitte nehmen Sie das nicht auf.", "Können wir das ohne Aufnahme machen?",
           "Wir hatten eine klare Regel. Bitte keine Aufnahme. Das hat geholfen.",
           "Ich habe nicht zugestimmt, dass das aufgenommen wird."],
    "es": ["Siempre digo a mi equipo, por favor, no grabe esto.", "¿Podemos hacer esto sin grabar?",
           "Teníamos una regla. Sin grabación. Eso ayudó."],
    "fr": ["On avait une règle. Pas d'enregistrement. Ça a aidé.", "Peut-on faire cela sans enregistrement ?",
           "Je ne suis vraiment pas sûr de vouloir être enregistré."],
}  # fmt: skip
ANSWERS = {
    "en": ["We had to stop recording the metrics.", "I told them: we don't record this kind of call in production.",
           "I don't agree.", "My manager said don't do it, but I did.", "I object to slow reviews, as a rule.",
           "He said, please don't record this.", "Please stop recording, they told us.", "I did not record it.",
           "I said, don't record it.",
           "We had one rule, no recording, and it held.", "It was simple, stop recording, and the load went down.",
           "I don't mind being recorded.", "We never record calls without consent.", "I don't use AI for that.",
           "I don't think the metrics were being recorded.", "Users can withdraw their consent at any time."],
    "de": ["Wir haben die Aufnahme der Daten gestoppt.", "Ich bin nicht einverstanden.",
           "Der Kunde sagte, bitte nehmen Sie das nicht auf.", "Ich habe nichts gegen eine Aufnahme."],
    "es": ["No estoy de acuerdo.", "El cliente dijo, no grabe esto.", "Grabe esto, me dijo mi jefe.",
           "Grabamos las llamadas del equipo.", "No tengo problema con la grabación."],
    "fr": ["Je ne suis pas d'accord.", "Il a dit, n'enregistrez pas.", "On enregistre les appels depuis un an.",
           "Ça ne me dérange pas d'être enregistré."],
}  # fmt: skip
STOP = {
    "en": ["Yes.", "Yes, please.", "Yes, stop it.", "Please stop.", "I would.", "Yes, I do."],
    "de": ["Ja.", "Ja, bitte.", "Bitte aufhören.", "Ja, stoppen Sie."],
    "es": ["Sí.", "Sí, por favor."],
    "fr": ["Oui.", "Oui, arrêtez."],
}
KEEP = {
    "en": ["No.", "No, go on.", "It's fine, go on.", "No problem, keep recording.", "No, please don't stop.",
           "No, I was only telling you what I say to my team in such a case."],
    "de": ["Nein.", "Nein, machen Sie weiter.", "Nein, alles gut."],
    "es": ["No.", "Está bien, siga grabando.", "No hace falta."],
    "fr": ["Non.", "Non, continuez.", "Pas besoin."],
}  # fmt: skip
NEITHER = {"en": ["Okay.", "Huh?", "I'm not sure.", "No, I don't want you to record."], "de": ["Weiß ich nicht."]}
STORY = "I always tell my team, please don't record this. Then I take notes by hand."


def each(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("language", "text"), each(CERTAIN))
def test_a_turn_that_is_an_objection_and_nothing_else_is_certain(language: str, text: str) -> None:
    assert objects(text, language)


@pytest.mark.parametrize(("language", "text"), each(PERHAPS))
def test_an_objection_in_a_longer_answer_or_in_a_question_is_not_certain(language: str, text: str) -> None:
    assert not objects(text, language)
    assert may_object(text, language)


@pytest.mark.parametrize(("language", "text"), each(ANSWERS))
def test_an_answer_about_recording_is_no_objection(language: str, text: str) -> None:
    assert not objects(text, language)
    assert not may_object(text, language)


@pytest.mark.parametrize(("language", "text"), each(STOP))
def test_a_reply_that_wants_the_recording_stopped(language: str, text: str) -> None:
    assert still_objects(text, language) is True


@pytest.mark.parametrize(("language", "text"), each(KEEP))
def test_a_reply_that_does_not(language: str, text: str) -> None:
    assert still_objects(text, language) is False


@pytest.mark.parametrize(("language", "text"), each(NEITHER))
def test_a_reply_that_says_neither(language: str, text: str) -> None:
    assert still_objects(text, language) is None


# ---- in a call that the bot leads -------------------------------------------------------------------------------


def doubted(text: str = STORY) -> Conversation:
    call = begun()
    call.answer(text)
    assert (call.ended, call.recorded()) == (None, [True])
    assert "stop recording" in call.last
    return call


def declined(call: Conversation, text: str) -> None:
    assert call.recorded() == [True, False]
    assert (call.notes("consent")[-1]["given"], call.notes("consent")[-1]["text"]) == (False, text)
    assert call.notes("consent")[-1]["turn"] > 0


def test_a_certain_objection_ends_it_at_once() -> None:
    call = begun()
    call.answer("I no longer consent.")
    assert call.ended is EndReason.CONSENT_DECLINED
    declined(call, "I no longer consent.")


def test_what_may_be_one_is_asked_back_and_a_yes_ends_it() -> None:
    call = doubted()
    call.answer("Yes, please.")
    assert call.ended is EndReason.CONSENT_DECLINED
    declined(call, STORY)
    assert "No recording has been kept." in call.last


@pytest.mark.parametrize("no", ["No.", "No, no, that's just what I always tell the people in my team."])
def test_after_a_no_it_goes_on_and_the_answer_counts(no: str) -> None:
    call = doubted(f"{FULL} And I tell them, please don't record this.")
    call.answer(no)
    assert INCIDENT in call.last
    assert call.outcomes()["system"][0] == "answered"
    assert call.recorded() == [True]
    call.answer("I'd rather skip this. Next question.")
    assert call.ended is None


@pytest.mark.parametrize("reply", ["I'm not sure.", "The weather is nice."])
def test_without_a_clear_answer_it_is_asked_once_more_and_then_nothing_is_kept(reply: str) -> None:
    call = doubted()
    call.answer(reply)
    assert call.ended is None
    assert "stop recording" in call.last
    call.answer(reply)
    assert call.ended is EndReason.CONSENT_DECLINED
    declined(call, STORY)


def test_silence_is_no_permission() -> None:
    call = doubted()
    call.wait(600)
    assert call.ended is EndReason.CONSENT_DECLINED
    declined(call, STORY)


def test_who_goes_away_instead_of_answering_is_asked_when_back() -> None:
    call = doubted()
    call.leave()
    call.do(CandidateJoined("Maria", consented=True))
    call.wait(1)
    assert "stop recording" in call.last
    call.hear()
    call.answer("No.")
    assert call.ended is None


@pytest.mark.parametrize("reason", [EndReason.CANDIDATE_LEFT, EndReason.CANCELLED])
def test_whatever_ends_the_call_in_doubt_nothing_is_kept(reason: EndReason) -> None:
    call = doubted()
    if reason is EndReason.CANDIDATE_LEFT:
        call.leave()
        call.wait(600)
    else:
        call.do(StopRequested(reason))
    assert call.ended is reason
    declined(call, STORY)


@pytest.mark.parametrize("wish", ["Could you repeat that?", "Can you rephrase that, please?"])
def test_a_wish_to_hear_it_again_leaves_it_open(wish: str) -> None:
    call = doubted()
    call.answer(wish)
    assert "stop recording" in call.last
    call.answer("Stop.")
    assert call.ended is EndReason.CONSENT_DECLINED
    declined(call, STORY)


def test_go_on_is_a_no() -> None:
    call = doubted()
    call.answer("Please continue.")
    assert (call.ended, call.recorded()) == (None, [True])
    assert "stop recording" not in call.last


@pytest.mark.parametrize("text", ["No.", "Can we do this without recording?"])
def test_during_the_greeting_a_no_to_what_was_agreed_on_the_page_is_asked_back(text: str) -> None:
    call = conversation()
    call.do(CandidateJoined("Maria", consented=True))
    call.wait(1)
    call.cut_in(text, after_words=20)
    assert "stop recording" in call.last
    call.hear()
    call.answer("No, go on.")
    call.hear()
    assert SYSTEM in call.last


def test_during_the_greeting_an_objection_ends_it() -> None:
    call = conversation()
    call.do(CandidateJoined("Maria", consented=True))
    call.wait(1)
    call.cut_in("I do not consent to this being recorded.", after_words=20)
    assert call.ended is EndReason.CONSENT_DECLINED
    assert call.recorded() == [True, False]


def test_a_yes_that_objects_is_no_consent() -> None:
    call = conversation()
    call.join(consented=False)
    call.answer("Sure, I would prefer if you delete the recording afterwards.")
    assert (call.ended, call.recorded()) == (None, [])


@pytest.mark.parametrize(
    ("language", "text", "yes"),
    [
        ("de", "Ich sage meinem Team immer, bitte nehmen Sie das nicht auf.", "Ja, bitte."),
        ("es", "Siempre digo a mi equipo, por favor, no grabe esto.", "Sí, por favor."),
        ("fr", "On avait une règle. Pas d'enregistrement. Ça a aidé.", "Oui, arrêtez."),
    ],
)
def test_the_other_languages_ask_back_too(language: str, text: str, yes: str) -> None:
    question = {"id": "q", "text": "Quid?"}
    call = begun({"title": "x", "language": language, "sections": [{"id": "s", "name": "x", "questions": [question]}]})
    call.answer(text)
    assert call.ended is None
    assert call.last in load_lines(language).variants("objection_confirm")
    call.answer(yes)
    declined(call, text)

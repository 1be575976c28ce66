"""What a candidate's words are understood as."""

import pytest

from bot.interview.commands import Understood, has_no_questions, is_decline, is_filler, understand, yes_or_no
from bot.interview.phrases import PHRASES, Command

_ = Command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Could you repeat that?", _.REPEAT),
        ("Sorry, I didn't catch that. Could you repeat the question?", _.REPEAT),
        ("Pardon?", _.REPEAT),
        ("What was the question again?", _.REPEAT),
        ("Can you say that again, please?", _.REPEAT),
        ("Can you rephrase?", _.REPHRASE),
        ("Hmm, that's a tough one. Could you put it differently?", _.REPHRASE),
        ("What do you mean by that?", _.REPHRASE),
        ("I don't understand the question.", _.REPHRASE),
        ("Slower, please.", _.SLOWER),
        ("Could you speak a bit more slowly?", _.SLOWER),
        ("Give me a moment.", _.PAUSE),
        ("Could you please give me a minute to think?", _.PAUSE),
        ("Let me think about that for a second.", _.PAUSE),
        ("Okay, I'm ready.", _.RESUME),
        ("Skip this one.", _.SKIP),
        ("Next question, please.", _.SKIP),
        ("Can we move on to the next question?", _.SKIP),
        ("I'd rather not answer that.", _.SKIP),
        ("I'm done.", _.DONE),
        ("That's it.", _.DONE),
        ("Stop the interview.", _.STOP),
        ("I'd like to end the interview here, please.", _.STOP),
        ("I want to talk to a human.", _.HUMAN),
        ("Can I speak to a real person instead?", _.HUMAN),
    ],
)
def test_a_wish_is_understood_in_the_words_people_use(text: str, command: Command) -> None:
    assert understand(text, "en") == Understood("", command)


@pytest.mark.parametrize(
    "text",
    [
        "I had to stop the deployment and skip the tests.",
        "We'd repeat the migration.",
        "We stopped the interview process for a month.",
        "I told them to slow down.",
        "The next question was how to pay for it.",
        "I asked for a moment to think, and then I repeated the question to the team.",
        "Then we had to talk to a human rights lawyer.",
        "We took a short break.",
        "In the end I just said: okay. Stop.",
        "I could not hear the customer properly, so I asked her to repeat it.",
        "I was done with the project in June.",
    ],
)
def test_an_answer_that_merely_holds_the_words_stays_an_answer(text: str) -> None:
    assert understand(text, "en") == Understood(text, None)


def test_a_wish_after_an_answer_leaves_the_answer() -> None:
    text = "I worked there for two years on payments. Next question, please."
    assert understand(text, "en") == Understood("I worked there for two years on payments.", Command.SKIP)


@pytest.mark.parametrize(
    "text",
    [
        *("Yes.", "Yeah, sure.", "Of course!", "Go ahead.", "That's fine with me.", "Okay.", "I agree."),
        *("No problem.", "I don't mind.", "Yes, no problem at all."),
    ],
)
def test_a_yes(text: str) -> None:
    assert yes_or_no(text, "en") is True


@pytest.mark.parametrize(
    "text",
    ["No.", "Nope.", "No, thank you.", "I'd rather not.", "I don't want that.", "I do not agree.", "Not at all."],
)
def test_a_no(text: str) -> None:
    assert yes_or_no(text, "en") is False


@pytest.mark.parametrize(
    "text", ["", "What?", "Yes, but please don't record me.", "Who gets to hear this?", "Maria Lopez."]
)
def test_neither_a_yes_nor_a_no(text: str) -> None:
    assert yes_or_no(text, "en") is None


@pytest.mark.parametrize(
    "text",
    [
        *("I don't know.", "No.", "Pass.", "Um, I'm not sure.", "Nothing comes to mind, sorry.", "No idea."),
        "I can't think of an example right now.",
    ],
)
def test_nothing_to_say(text: str) -> None:
    assert is_decline(text, "en")


def test_not_knowing_something_in_an_answer_is_no_refusal() -> None:
    assert not is_decline("I did not know the system, so I asked the people who had built it.", "en")


@pytest.mark.parametrize(
    "text",
    [
        *("No.", "No, thank you.", "No, I'm good.", "I don't have any questions.", "No, that's all from me, thanks."),
        *("No, thank you, I have no questions.", "No thank you. No more questions for now."),
    ],
)
def test_no_questions(text: str) -> None:
    assert has_no_questions(text, "en")


def test_fillers_hold_no_answer() -> None:
    assert is_filler("Um, okay.", "en")
    assert not is_filler("Um, Kafka.", "en")


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("de", "Können Sie die Frage bitte wiederholen?", _.REPEAT),
        ("de", "Wie bitte?", _.REPEAT),
        ("de", "Einen Moment bitte.", _.PAUSE),
        ("de", "Nächste Frage bitte.", _.SKIP),
        ("de", "Ich möchte das Gespräch beenden.", _.STOP),
        ("de", "Ich möchte mit einem Menschen sprechen.", _.HUMAN),
        ("es", "¿Puede repetir la pregunta, por favor?", _.REPEAT),
        ("es", "Un momento, por favor.", _.PAUSE),
        ("es", "Siguiente pregunta.", _.SKIP),
        ("es", "Quiero terminar la entrevista.", _.STOP),
        ("es", "Quiero hablar con una persona.", _.HUMAN),
        ("fr", "Pouvez-vous répéter la question, s'il vous plaît ?", _.REPEAT),
        ("fr", "Un instant, s'il vous plaît.", _.PAUSE),
        ("fr", "Question suivante.", _.SKIP),
        ("fr", "Je voudrais arrêter l'entretien.", _.STOP),
        ("fr", "Je voudrais parler à un humain.", _.HUMAN),
    ],
)
def test_the_other_languages_know_the_wishes_too(language: str, text: str, command: Command) -> None:
    assert understand(text, language) == Understood("", command)


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [
        ("de", "Ja, gerne.", "Nein, danke."),
        ("de", "Kein Problem.", "Damit bin ich nicht einverstanden."),
        ("es", "Sí, claro.", "No estoy de acuerdo."),
        ("fr", "Oui, bien sûr.", "Je ne suis pas d'accord."),
    ],
)
def test_the_other_languages_know_yes_and_no(language: str, yes: str, no: str) -> None:
    assert yes_or_no(yes, language) is True
    assert yes_or_no(no, language) is False


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_every_language_knows_every_wish(language: str) -> None:
    assert set(PHRASES[language].commands) == set(Command)

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
        ("I have nothing to add, thank you.", _.DONE),
        ("Nothing to add.", _.DONE),
        ("No, I've got nothing more to add to that.", _.DONE),
        ("There's nothing to add from my side. Thanks a lot.", _.DONE),
        ("I don't have anything else to say about that question.", _.DONE),
        ("That's all I have.", _.DONE),
        ("That's everything I can say on that.", _.DONE),
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
        "There was nothing to add to the queue, so the workers slept.",
        "That's all I have to do in a week, and then I write the report.",
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
        *(
            "No problem.",
            "I don't mind.",
            "Yes, no problem at all.",
            "I don't have a problem with that.",
            "I guess so.",
        ),
        *("That works for me.", "Sure, no objection.", "Go for it.", "Perfect.", "Yes, I'm not against it."),
        *("I have no objections.", "I don't see any problem with that.", "It wouldn't bother me."),
    ],
)
def test_a_yes(text: str) -> None:
    assert yes_or_no(text, "en") is True


@pytest.mark.parametrize(
    "text",
    [
        *("No.", "Nope.", "No, thank you.", "I'd rather not.", "I don't want that.", "I do not agree.", "Not at all."),
        *(
            "That doesn't work for me.",
            "It isn't okay.",
            "I don't think so.",
            "I have a problem with that.",
            "I object.",
        ),
    ],
)
def test_a_no(text: str) -> None:
    assert yes_or_no(text, "en") is False


@pytest.mark.parametrize(
    "text",
    [
        *("", "What?", "Yes, but please don't record me.", "Who gets to hear this?", "Maria Lopez.", "No, go ahead."),
        *("I'm not sure.", "I don't know.", "Good question, who hears this?", "Tell me how this works."),
    ],
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
        *("No, I don't think so, thanks.", "No, that's all from me. Thanks a lot.", "Nope, all clear."),
        *("I don't think so.", "Um, no, I believe we are good here.", "Not at this point, but thank you."),
        *("No, you've covered everything I wanted to ask.", "No, it was very clear to me from the job advert."),
    ],
)
def test_no_questions(text: str) -> None:
    assert has_no_questions(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        *("No, but what is the salary", "No one told me about the working hours.", "Nothing was said about the pay."),
        *(
            "No, just one thing, the working hours.",
            "No problem. Is it remote?",
            "No, I'd like to hear about the team.",
        ),
        *("Yes, I have.", "Not every company says so, but do you pay overtime"),
    ],
)
def test_a_no_with_a_question_in_it_is_no_no(text: str) -> None:
    assert not has_no_questions(text, "en")


@pytest.mark.parametrize(
    ("language", "none", "some"),
    [
        ("de", "Nein, ich glaube nicht, vielen Dank.", "Nein, aber wann würde ich anfangen"),
        ("de", "Nein, es ist soweit alles geklärt.", "Nein, mich würde interessieren, ob man umziehen muss"),
        ("es", "No, creo que está todo claro, gracias.", "No, pero cuál es el horario"),
        ("es", "No, por mi parte eso sería todo.", "No me han dicho el sueldo."),
        ("fr", "Non, je crois que tout est clair, merci beaucoup.", "Non, mais quel est le salaire"),
        ("fr", "Non, ça ira.", "Non, j'aimerais savoir si le poste est à distance"),
    ],
)
def test_the_other_languages_know_a_no_to_any_questions(language: str, none: str, some: str) -> None:
    assert has_no_questions(none, language)
    assert not has_no_questions(some, language)


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
        ("de", "Ich habe nichts hinzuzufügen, danke.", _.DONE),
        ("de", "Dazu habe ich nichts mehr zu sagen.", _.DONE),
        ("de", "Das ist alles, was ich habe.", _.DONE),
        ("es", "No tengo nada que añadir, gracias.", _.DONE),
        ("es", "Nada más que decir.", _.DONE),
        ("es", "Eso es todo lo que tengo.", _.DONE),
        ("fr", "Je n'ai rien à ajouter, merci.", _.DONE),
        ("fr", "Rien à ajouter.", _.DONE),
        ("fr", "C'est tout ce que j'ai.", _.DONE),
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
        ("de", "Damit habe ich kein Problem.", "Lieber nicht."),
        ("de", "Ich habe nichts dagegen.", "Ich bin dagegen."),
        ("de", "Von mir aus.", "Das passt mir nicht."),
        ("es", "No tengo ningún problema.", "No me parece bien."),
        ("es", "No estoy en contra.", "Estoy en contra."),
        ("es", "Me parece bien.", "Prefiero que no."),
        ("fr", "Ça ne me dérange pas.", "Ça ne me va pas."),
        ("fr", "Je n'ai rien contre.", "Je suis contre."),
        ("fr", "Je n'y vois pas d'inconvénient.", "Je refuse."),
        ("es", "Sí, claro.", "No estoy de acuerdo."),
        ("fr", "Oui, bien sûr.", "Je ne suis pas d'accord."),
    ],
)
def test_the_other_languages_know_yes_and_no(language: str, yes: str, no: str) -> None:
    assert yes_or_no(yes, language) is True
    assert yes_or_no(no, language) is False


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Das weiß ich nicht."),
        ("de", "Was machen Sie damit?"),
        ("es", "No estoy seguro."),
        ("fr", "Je ne sais pas."),
    ],
)
def test_the_other_languages_know_what_is_neither(language: str, text: str) -> None:
    assert yes_or_no(text, language) is None


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_every_language_knows_every_wish(language: str) -> None:
    assert set(PHRASES[language].commands) == set(Command)

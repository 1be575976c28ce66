"""Whether two questions ask the same in other words: by the words that carry the meaning, in four languages."""

import re
import unicodedata

SAME = 0.75  # share of the shorter one's telling words that the other has too
ALIKE = 0.5  # and of both together
FEWEST = 2  # telling words that two questions must have in common


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Words that say nothing about what a question is after: English, German, Spanish, French.
_STOP = frozenset(
    _split(
        "a about after again all an and any are as at be been before being between but by can could describe "
        "did do does doing during each example explain ever for from give had has have how i if in instance "
        "into is it its just last let me more most my of on one or other our out over own please recall some "
        "situation so such tell that the their them then there these they thing things think this those time "
        "to us very walk was we were what when where which while who why will with would you your yours "
        "yourself case once talk through share happened "
        "aber als am an auf aus bei beschreiben bitte da das dem den der des die dies ein eine einem einen "
        "einer er es für gab haben hat hatten hast ich ihr ihre ihren ihrem im in ist mal mit nach oder sich "
        "sie sind so und uns von vor war waren was wann warum welche welcher welches wenn wer wie wir wo zu "
        "zum zur erzählen erzähl fall situation beispiel einmal du dein "
        "al algo como con cual cuando cuéntame cuénteme de del describa describe el ella en era es esa ese "
        "esta este fue ha haya la las le lo los me mi más no nos o para pero por que qué quién se si sin "
        "sobre su sus tu un una usted vez y ya ejemplo "
        "au aux avec avez ce ces cette comment dans de des du elle en est et êtes il ils je la le les leur "
        "lui ma mais moi ne nous on ou où par parlez pas pour quand que quel quelle qui racontez sa se ses "
        "son sur un une vos votre vous été fois exemple décrivez d l s c j m n qu t "
    )
)
_SAME_AS = {
    word: group[0]
    for group in (
        ("manager", "boss", "supervisor", "lead"),
        ("colleague", "coworker", "teammate", "peer"),
        ("customer", "client"),
        ("mistake", "error", "failure", "fail", "wrong"),
        ("disagree", "disagreement", "conflict", "argue", "dispute"),
        ("difficult", "hard", "tough", "challenging", "challenge"),
        ("fix", "repair", "solve", "resolve"),
        ("fast", "quick", "quickly", "rapidly"),
        ("deadline", "due"),
        ("proud", "proudest", "achievement", "accomplishment"),
        ("learn", "lesson"),
        ("choose", "decide", "decision", "choice", "chose"),
    )
    for word in group
}
_ENDINGS = re.compile(r"(?:ments?|ings?|edly|ed|ies|es|s|ly|er|en|e)$")
_STEM = 4


def telling(text: str) -> frozenset[str]:
    """The stems of the words that carry a question's meaning."""
    plain = "".join(
        one
        for one in unicodedata.normalize("NFC", text.casefold().replace("’", "'"))
        if one.isalnum() or one in " -'\n"
    )
    found = [word for word in re.findall(r"\w+", plain) if word not in _STOP]
    return frozenset(_stem(word) for word in found)


def same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two questions with these telling words ask for the same thing."""
    common = len(one & other)
    return common >= FEWEST and common / min(len(one), len(other)) >= SAME and common / len(one | other) >= ALIKE


def _stem(word: str) -> str:
    if word in _SAME_AS:
        return _SAME_AS[word]
    cut = _ENDINGS.sub("", word)
    stem = cut if len(cut) >= _STEM else word
    return _SAME_AS.get(stem, _SAME_AS.get(f"{stem}e", stem))

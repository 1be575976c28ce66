"""Understanding the candidate's wishes: voice commands, yes and no, "I don't know", words that hold no answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.interview.phrases import Command, Phrases, phrases_for

MAX_COMMAND_WORDS = 14  # a command is short; anything longer is an answer
TRIVIAL_BODY_WORDS = 3
ASIDE_WORDS = 6  # "Hmm, that's a tough one. Could you rephrase it?": what comes before such a wish is no answer
ABOUT_THE_QUESTION = frozenset({Command.REPEAT, Command.REPHRASE, Command.SLOWER, Command.PAUSE})


@dataclass(frozen=True, slots=True)
class Understood:
    """One utterance taken apart. body: what is left as an answer; command: the wish it ends with, if any."""

    body: str
    command: Command | None


def words(text: str) -> list[str]:
    """The words of `text`, lower-case, without punctuation and apostrophes ("I'm" is "im")."""
    return re.findall(r"\w+", re.sub(r"['’`´]", "", text.casefold()))


def sentences(text: str) -> list[str]:
    """`text` at its full stops, question and exclamation marks. A colon ends none: it may announce what was said."""
    return re.split(r"[.?!…;\n]+", text)


def clauses(text: str) -> Iterator[str]:
    """Each sentence of `text` and each part of one between commas, as its words with single spaces.

    Those with an apostrophe come in both spellings: "n'enregistrez" is two words in French, "I'll" is one in English.
    """
    for sentence in re.split(r"[.?!…;:\n]+", text):
        for part in (sentence, *sentence.split(",")):
            for said in {" ".join(words(part)): None, " ".join(words(re.sub(r"['’]", " ", part))): None}:
                if said:
                    yield said


def understand(text: str, language: str) -> Understood:
    """Split `text` into an answer and the command it consists of or ends with.

    A whole utterance may be any command. After a real answer only a command of two words or more counts, so that an
    answer ending in "... and then I told them: stop." stays an answer.
    """
    phrases = phrases_for(language)
    whole = _command_in(text, phrases)
    if whole is not None:
        return Understood("", whole)
    sentences = [part for part in re.split(r"(?<=[.?!…])\s+", text.strip()) if words(part)]
    if len(sentences) < 2:
        return Understood(text, None)
    last = _command_in(sentences[-1], phrases)
    if last is None:
        return Understood(text, None)
    body = " ".join(sentences[:-1])
    trivial = is_filler(body, language) or all(_command_in(part, phrases) is not None for part in sentences[:-1])
    most = ASIDE_WORDS if last in ABOUT_THE_QUESTION else TRIVIAL_BODY_WORDS
    if trivial or len(words(body)) <= most:
        return Understood("", last)
    if len(words(sentences[-1])) < 2:
        return Understood(text, None)
    return Understood(body, last)


def yes_or_no(text: str, language: str) -> bool | None:
    """True for a yes, False for a no, None where neither or both are heard."""
    phrases = phrases_for(language)
    said = " ".join(words(text))
    agreed = _find(phrases.yes_although, said) is not None
    for pardoned in (phrases.yes_although, phrases.unsure):
        said = _pattern(pardoned, whole=False).sub(" ", said)
    yes = agreed or _find(phrases.yes, _pattern(phrases.negated, whole=False).sub(" ", said)) is not None
    no = _find(phrases.no, said) is not None
    if yes == no:
        return None
    return yes


def is_filler(text: str, language: str) -> bool:
    """Whether `text` holds nothing but "um", "okay", "thank you" and their kin."""
    fillers = phrases_for(language).fillers
    return all(word in fillers for word in words(text))


def is_decline(text: str, language: str) -> bool:
    """Whether `text` is a whole non-answer: "I don't know", "no", "nothing comes to mind"."""
    return _is_one_of(phrases_for(language).declines, text, phrases_for(language))


def is_bare_no(text: str, language: str) -> bool:
    """Whether `text` is a plain no, which answers a yes/no question."""
    return len(words(text)) <= 3 and yes_or_no(text, language) is False


def holds_answer(text: str, language: str) -> bool:
    """Whether `text` holds anything but wishes about the conversation, questions back, fillers and "I don't know"."""
    phrases, understood = phrases_for(language), understand(text, language)
    if understood.command is not None and not understood.body:
        return False
    sentences = [part for part in re.split(r"(?<=[.?!…])\s+", understood.body.strip()) if words(part)]
    return not all(
        is_filler(part, language)
        or _command_in(part, phrases) is not None
        or is_decline(part, language)
        or _asks_back(part, phrases)
        for part in sentences
    )


def has_no_questions(text: str, language: str) -> bool:
    """Whether the candidate says that there is nothing to ask: in a known phrase, or with a no and no question."""
    phrases = phrases_for(language)
    if _is_one_of(phrases.finished, text, phrases):
        return True
    if "?" in text or _find(phrases.asking, " ".join(words(text))) is not None:
        return False
    begins = _pattern(phrases.begins_no, whole=False)
    return any(begins.match(form) is not None for form in _stripped_forms(words(text), phrases))


def _command_in(text: str, phrases: Phrases) -> Command | None:
    if len(words(text)) > MAX_COMMAND_WORDS:
        return None
    forms = _stripped_forms(words(text), phrases)
    for command, patterns in phrases.commands.items():
        if any(_pattern(patterns, whole=True).fullmatch(form) for form in forms):
            return command
    return None


def _asks_back(sentence: str, phrases: Phrases) -> bool:
    said = words(sentence)
    asks = sentence.rstrip().endswith("?") and len(said) <= MAX_COMMAND_WORDS
    return asks and _find(phrases.asking, " ".join(said)) is not None


def _is_one_of(patterns: tuple[str, ...], text: str, phrases: Phrases) -> bool:
    return any(_pattern(patterns, whole=True).fullmatch(form) for form in _stripped_forms(words(text), phrases))


def _stripped_forms(said: list[str], phrases: Phrases) -> list[str]:
    """`said` as it is, without "please", and after each polite phrase taken off its ends, the longest first."""
    whole = " ".join(said)
    said = _pattern(phrases.please, whole=False).sub(" ", whole).split()
    polite = sorted((phrase.split() for phrase in phrases.polite), key=len, reverse=True)
    forms = [whole, " ".join(said)]
    while said:
        for phrase in polite:
            if said[: len(phrase)] == phrase:
                said = said[len(phrase) :]
                break
            if said[-len(phrase) :] == phrase:
                said = said[: -len(phrase)]
                break
        else:
            break
        if said:
            forms.append(" ".join(said))
    return forms


def _find(patterns: tuple[str, ...], said: str) -> re.Match[str] | None:
    return _pattern(patterns, whole=False).search(said)


@lru_cache(maxsize=256)
def _pattern(patterns: tuple[str, ...], *, whole: bool) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    joined = joined.replace("ß", "ss")  # as `words` spells it
    return re.compile(joined if whole else rf"\b(?:{joined})\b")

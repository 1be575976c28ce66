"""What is taken out of a decode because nobody said it.

Whisper was trained to write something for everything: on silences, hums and noises it wrote words in 17 of 18 trials.
Three checks, in this order, each for a failure of its own; `checked` applies them all.
"""

import re
from enum import StrEnum

SILENCE_NO_SPEECH = 0.45
SILENCE_LOGPROB = -1.3
LOOP_WORDS = 3
LOOP_TIMES = 3

# What Whisper writes on near-silence, from its training on subtitles: openai/whisper discussions 928 and 1455,
# collabora/WhisperLive#185. Lower case, without punctuation. Only whole texts are compared.
INVENTIONS = frozenset(
    {
        "you",
        "bye",
        "bye bye",
        "music",
        "thank you",
        "thank you very much",
        "thank you for watching",
        "thanks for watching",
        "thank you so much for watching",
        "please subscribe",
        "like and subscribe",
        "subtitles by the amaraorg community",
        "untertitel der amaraorgcommunity",
        "untertitelung des zdf 2020",
        "soustitres réalisés par la communauté damaraorg",
        "subtítulos realizados por la comunidad de amaraorg",
        "sottotitoli creati dalla comunità amaraorg",
        "продолжение следует",
        "ご視聴ありがとうございました",
    }
)


class Dropped(StrEnum):
    """Why a text was taken out."""

    SILENCE = "silence"
    INVENTED = "invented"
    LOOP = "loop"


def is_silence(no_speech: float, avg_logprob: float) -> bool:
    """Tell whether the model doubts that there was speech and its own words alike.

    Both thresholds together; on 139 real segments either alone drops 6 to 21, and compression ratio none of the noises.
    """
    return no_speech > SILENCE_NO_SPEECH and avg_logprob < SILENCE_LOGPROB


def is_invention(text: str, no_speech: float) -> bool:
    """Tell whether `text` is a phrase that Whisper is known to make up, written where it doubts that there was speech.

    The doubt is what tells a candidate's "thank you" (`no_speech` below 0.3 in all of 56 short answers) from the one on
    hiss and coughs (0.7 to 0.9 in all of 15), which is written with a log-probability as good as -0.7.
    """
    plain = " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())
    return no_speech > SILENCE_NO_SPEECH and plain in INVENTIONS


def cut_loop(text: str) -> str:
    """Return `text` without a phrase of 3 or more words that is said again, up to the very end or 3 times in a row.

    In windows shorter than 10 s the decoder runs past the end of the speech and says the sentence twice ("And so my
    fellow Americans. And so my fellow Americans."), with a log-probability as good as the first time, so no score
    tells. A last round that breaks off in the middle (the token cap) is cut too. Seldom it finds its way out again ("A
    colleague and a colleague and a colleague and I disagreed"). People do say short things twice ("no, no"), hence 3
    words; a rhyme or a quoted refrain is the price.
    """
    words = text.split()
    kept = _straightened(words[: _end_of_first_round(_plain(words))])
    return text if len(kept) == len(words) else " ".join(kept)


def _end_of_first_round(words: list[str]) -> int:
    """Return where a phrase ends that is said again and again until there are no words left; else the very end."""
    for start in range(len(words)):
        for length in range(LOOP_WORDS, (len(words) - start) // 2 + 1):
            if _repeats_to_the_end(words, start, length):
                return start + length
    return len(words)


def _straightened(words: list[str]) -> list[str]:
    """Return the words with each phrase that comes `LOOP_TIMES` times in a row or more said once."""
    plain, kept, at = _plain(words), list[str](), 0
    while at < len(words):
        for length in range(LOOP_WORDS, (len(words) - at) // LOOP_TIMES + 1):
            phrase, again = plain[at : at + length], at + length
            while plain[again : again + length] == phrase:
                again += length
            if again - at >= LOOP_TIMES * length:
                at = again - length  # its last round stays, as it is joined to what follows
                break
        else:
            kept.append(words[at])
            at += 1
            continue
        kept += words[at : at + length]
        at += length
    return kept


def _plain(words: list[str]) -> list[str]:
    return [re.sub(r"\W", "", word.lower()) for word in words]


def _repeats_to_the_end(words: list[str], start: int, length: int) -> bool:
    """Tell whether words[start:start+length] comes again, whole at least once, until there are no words left."""
    return all(words[at] == words[at - length] for at in range(start + length, len(words)))


def checked(text: str, no_speech: float, avg_logprob: float) -> tuple[str, Dropped | None]:
    """Return what is left of `text`, and why nothing is."""
    text = text.strip()
    if is_silence(no_speech, avg_logprob):
        return "", Dropped.SILENCE
    if is_invention(text, no_speech):
        return "", Dropped.INVENTED
    once = cut_loop(text)
    if once != text and no_speech > SILENCE_NO_SPEECH:
        return "", Dropped.LOOP  # a loop lifts the log-probability, so the doubt decides alone
    return once, None

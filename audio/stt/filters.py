"""What is taken out of a decode because nobody said it.

Whisper was trained to write something for everything: on silences, hums and noises it wrote words in 17 of 18 trials.
Three checks, in this order, each for a failure of its own; `checked` applies them all.
"""

import re
from enum import StrEnum

SILENCE_NO_SPEECH = 0.45
SILENCE_LOGPROB = -1.3
LOOP_WORDS = 3
SHORT_S = 1.5

# What Whisper writes on near-silence, from its training on subtitles: openai/whisper discussions 928 and 1455,
# collabora/WhisperLive#185. Lower case, without punctuation. Only whole texts of very short segments are compared: a
# candidate may well end a long answer with "thank you", but not in a breath that voice activity barely let through.
INVENTIONS = frozenset(
    {
        "you",
        "bye",
        "bye bye",
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
INVENTION_LOGPROB = -0.7  # a real, clear "bye" scores better


class Dropped(StrEnum):
    """Why a text was taken out."""

    SILENCE = "silence"
    INVENTED = "invented"


def is_silence(no_speech: float, avg_logprob: float) -> bool:
    """Tell whether the model doubts that there was speech and its own words alike.

    Both thresholds together; on 139 real segments either alone drops 6 to 21, and compression ratio none of the noises.
    """
    return no_speech > SILENCE_NO_SPEECH and avg_logprob < SILENCE_LOGPROB


def is_invention(text: str, seconds: float, avg_logprob: float) -> bool:
    """Tell whether `text` is one of the phrases that Whisper is known to make up, in a segment of `seconds` seconds."""
    plain = " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())
    return seconds < SHORT_S and avg_logprob < INVENTION_LOGPROB and plain in INVENTIONS


def cut_loop(text: str) -> str:
    """Return `text` without a phrase of 3 or more words that is said again, up to the very end.

    In windows shorter than 10 s the decoder runs past the end of the speech and says the sentence twice ("And so my
    fellow Americans. And so my fellow Americans."), with a log-probability as good as the first time, so no score
    tells. A last round that breaks off in the middle (the token cap) is cut too. People do say short things twice
    ("no, no"), hence 3 words; a rhyme or a quoted refrain is the price.
    """
    words = text.split()
    plain = [re.sub(r"\W", "", word.lower()) for word in words]
    for start in range(len(words)):
        for length in range(LOOP_WORDS, (len(words) - start) // 2 + 1):
            if _repeats_to_the_end(plain, start, length):
                return " ".join(words[: start + length])
    return text


def _repeats_to_the_end(words: list[str], start: int, length: int) -> bool:
    """Tell whether words[start:start+length] comes again, whole at least once, until there are no words left."""
    return all(words[at] == words[at - length] for at in range(start + length, len(words)))


def checked(text: str, seconds: float, no_speech: float, avg_logprob: float) -> tuple[str, Dropped | None]:
    """Return what is left of `text` (of a segment of `seconds` seconds), and why nothing is."""
    text = text.strip()
    if is_silence(no_speech, avg_logprob):
        return "", Dropped.SILENCE
    if is_invention(text, seconds, avg_logprob):
        return "", Dropped.INVENTED
    return cut_loop(text), None

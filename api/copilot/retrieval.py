"""Finding the passages that a question is about: BM25 over stems.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); stems are Snowball's. There are
a few hundred passages in an interview, so they are weighed anew for each question.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from api.copilot.sources import Passage
from bot.interview.spotting import fold

K1, B = 1.2, 0.5  # sentences are short, and one that is long is no worse for it
BEFORE = 0.5  # what a word of the question before counts: an answer need not repeat what it is about
LANGUAGES = {"en": "english", "de": "german", "es": "spanish", "fr": "french"}

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. share: how much of the question's weight it holds, from 0 to 1."""

    passage: Passage
    score: float
    share: float


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """Return the stem of one word, without accents."""
    name = LANGUAGES.get(language)
    return fold(word if name is None else _stemmer(name).stemWord(word.casefold()))


def words_of(text: str) -> list[str]:
    """The words of a text as they stand."""
    return _WORD.findall(text)


def stems(text: str, language: str, stop: Iterable[str] = ()) -> list[str]:
    """The stems of a text's words without those that tell nothing."""
    return [stem(word, language) for word in words_of(text) if fold(word) not in stop]


def search(query: Sequence[str], passages: Sequence[Passage], language: str) -> list[Hit]:
    """Return the passages that hold anything of a question, the best first. query: its stems."""
    wanted = set(query)
    texts = [Counter(stems(passage.text, language)) for passage in passages]
    befores = [set(stems(passage.before, language)) & wanted for passage in passages]
    usual = sum(text.total() for text in texts) / max(1, len(texts))
    weights = {term: _weight(term, texts, befores) for term in wanted}
    found = []
    for passage, text, before in zip(passages, texts, befores, strict=True):
        counts = {term: text[term] + BEFORE * (term in before) for term in wanted}
        held = [term for term, count in counts.items() if count]
        if held:
            length = K1 * (1 - B + B * text.total() / max(1.0, usual))
            score = math.fsum(weights[term] * counts[term] * (K1 + 1) / (counts[term] + length) for term in held)
            share = math.fsum(weights[term] for term in held) / math.fsum(weights.values())
            found.append(Hit(passage, score, share))
    return sorted(found, key=lambda hit: -hit.score)


def _weight(term: str, texts: Sequence[Counter[str]], befores: Sequence[set[str]]) -> float:
    """What holding a term is worth: the rarer the more. What stands nowhere counts as what stands once."""
    holding = max(1, sum(term in text or term in before for text, before in zip(texts, befores, strict=True)))
    return math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))


@lru_cache(maxsize=8)
def _stemmer(name: str) -> "snowballstemmer.SnowballStemmer":
    return snowballstemmer.stemmer(name)

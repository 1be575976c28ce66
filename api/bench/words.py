"""How many words a text got wrong, after Whisper's own normalisation (case, punctuation, numbers, spelling)."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.errors import BadSettings


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Counts over one or more texts; words: of the references."""

    substitutions: int
    deletions: int
    insertions: int
    words: int

    @property
    def percent(self) -> float:
        """The word error rate, 0 for nothing to compare."""
        wrong = self.substitutions + self.deletions + self.insertions
        return 100 * wrong / self.words if self.words else 0.0


class Scorer:
    """Compares texts word by word; raises `BadSettings` where the packages of the extra `bench` are not installed."""

    def __init__(self) -> None:
        try:
            import jiwer

            with warnings.catch_warnings():
                # the package has an invalid escape in a docstring, which a fresh installation warns of once
                warnings.simplefilter("ignore")
                from whisper_normalizer.english import EnglishTextNormalizer
        except ImportError as missing:
            raise BadSettings([f"{missing.name} is not installed; pip install 'vivavoce[bench]'"]) from None
        self._jiwer: Any = jiwer
        self._normal: Any = EnglishTextNormalizer()

    def normal(self, text: str) -> str:
        """Return `text` as it is compared."""
        return str(self._normal(text))

    def errors(self, pairs: Iterable[tuple[str, str]]) -> WordErrors:
        """Count over pairs of (what was said, what was understood)."""
        said, understood = zip(*((self.normal(a), self.normal(b)) for a, b in pairs), strict=True)
        out = self._jiwer.process_words(list(said), list(understood))
        words = out.hits + out.substitutions + out.deletions
        return WordErrors(out.substitutions, out.deletions, out.insertions, words)

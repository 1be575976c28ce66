"""The lines that the bot says by itself, in several languages."""

import re
from collections import Counter
from collections.abc import Mapping
from importlib.resources.abc import Traversable

from prompts.errors import BadInputs, NotFound
from prompts.files import Document, Place, package, read_yaml

_PARAMETER = re.compile(r"\{([a-z_]+)\}")


class Lines:
    """One language's lines. Variants of a line take turns, so that two interviews sound the same line for line."""

    def __init__(self, language: str, lines: Mapping[str, tuple[str, ...]]) -> None:
        self.language = language
        self._lines = lines
        self._said: Counter[str] = Counter()

    def say(self, key: str, **params: str) -> str:
        """Return the next variant of a line with its values put in; raises `NotFound` or `BadInputs`."""
        variants = self.variants(key)
        needed = self.parameters(key)
        if needed != params.keys():
            raise BadInputs(f"line {key!r} ({self.language})", needed - params.keys(), params.keys() - needed)
        chosen = variants[self._said[key] % len(variants)]
        self._said[key] += 1
        return _PARAMETER.sub(lambda found: params[found[1]], chosen)

    def keys(self) -> frozenset[str]:
        """Return the names of all lines."""
        return frozenset(self._lines)

    def variants(self, key: str) -> tuple[str, ...]:
        """Return every wording of a line, with its parameters unfilled; raises `NotFound`."""
        try:
            return self._lines[key]
        except KeyError:
            raise NotFound(f"line ({self.language})", key, self._lines) from None

    def parameters(self, key: str) -> frozenset[str]:
        """Return the names of the values that a line needs; raises `NotFound`."""
        return frozenset(_PARAMETER.findall(self.variants(key)[0]))


def languages(root: Traversable | None = None) -> tuple[str, ...]:
    """Return the languages that the bot can speak, as two-letter codes in order."""
    folder = (root or package()) / "lines"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def load_lines(language: str, root: Traversable | None = None) -> Lines:
    """Load one language's lines; raises `NotFound` for a language without a file, `BadFile` for a faulty one."""
    known = languages(root)
    if language not in known:
        raise NotFound("language", language, known)
    document = read_yaml((root or package()) / "lines" / f"{language}.yaml")
    return Lines(language, {key: _variants(document, key) for key in document.data})


def _variants(document: Document, key: str) -> tuple[str, ...]:
    value = document.data[key]
    variants = value if isinstance(value, list) else [value]
    if not variants:
        raise document.bad([key], "needs at least one wording")
    names: set[str] | None = None
    for index, text in enumerate(variants):
        place: Place = (key, index) if isinstance(value, list) else (key,)
        if not isinstance(text, str) or not text.strip():
            raise document.bad(place, "must be text; put quotes around it")
        if set("{}") & set(_PARAMETER.sub("", text)):
            raise document.bad(place, "a brace that is no {parameter}; parameters are lower-case words")
        found = set(_PARAMETER.findall(text))
        if names is not None and found != names:
            raise document.bad(place, f"every wording needs the same parameters: {', '.join(sorted(names)) or 'none'}")
        names = found
    return tuple(variants)

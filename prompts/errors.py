"""Everything that can be wrong with the words of the product.

PromptsError
 ├─ BadFile       a file can't be used: which one, at which line, why and what to do
 ├─ NotFound      no such line, question, prompt, plan or language; says what there is
 └─ BadInputs     a line or prompt was given too few or too many values
"""

from collections.abc import Iterable


class PromptsError(Exception):
    """Root of this package's errors."""


class BadFile(PromptsError):
    """A file can't be used. line: from 1, or None when the whole file is meant."""

    def __init__(self, file: str, detail: str, line: int | None = None) -> None:
        super().__init__(f"{file}, line {line}: {detail}" if line else f"{file}: {detail}")
        self.file, self.line, self.detail = file, line, detail


class NotFound(PromptsError):
    """There is nothing of that name."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        super().__init__(f"no {kind} {name!r}; there is: {', '.join(self.known) or 'nothing'}")


class BadInputs(PromptsError):
    """Too few or too many values for a line or a prompt."""

    def __init__(self, of: str, missing: Iterable[str], extra: Iterable[str]) -> None:
        self.of, self.missing, self.extra = of, tuple(sorted(missing)), tuple(sorted(extra))
        parts = [f"missing {', '.join(self.missing)}"] * bool(self.missing)
        parts += [f"unknown {', '.join(self.extra)}"] * bool(self.extra)
        super().__init__(f"{of}: {'; '.join(parts)}")

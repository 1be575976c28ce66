"""Parts of a file, as RFC 9110, 14 asks for them."""

import re

_ONE = re.compile(r"bytes=(\d*)-(\d*)")


class Unsatisfiable(ValueError):
    """Nothing of the file lies in the range."""


def asked_for(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the bytes `Range: header` asks for, from the first to before the last; None: the whole file.

    What is no range of bytes, or more than one, may be answered with the whole file. Raises `Unsatisfiable`.
    """
    found = _ONE.fullmatch(re.sub(r"\s", "", header or ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(size, int(last) + 1) if last else size

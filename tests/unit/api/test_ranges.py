"""Parts of a file: RFC 9110, 14.1.2 and 14.2."""

import pytest

from api.interviews.ranges import Unsatisfiable, asked_for


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-", (90, 100)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-7", (93, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes= 10 - 19", (10, 20)),
        (None, None),
        ("", None),
        ("lines=1-2", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", None),
    ],
)
def test_what_is_asked_for(header: str | None, part: tuple[int, int] | None) -> None:
    assert asked_for(header, 100) == part


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=-5", 0), ("bytes=0-", 0)])
def test_what_is_not_there(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        asked_for(header, size)

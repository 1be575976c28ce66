"""Growth is told apart from what comes and goes."""

import pytest

from tests.chaos.vitals import Vitals, growth

STEADY = [Vitals(100 + wobble, 20 + wobble, 9, 12) for wobble in (0, 3, 1, 2, 0, 3, 1, 2, 0, 3)]


def test_what_comes_and_goes_is_no_growth() -> None:
    warming_up = [Vitals(40, 10, 5, 6), Vitals(70, 15, 7, 9), *STEADY]
    assert growth(warming_up) == {}


@pytest.mark.parametrize(
    ("what", "each"),
    [("memory_mb", (4, 0, 0, 0)), ("descriptors", (0, 2, 0, 0)), ("threads", (0, 0, 1, 0)), ("tasks", (0, 0, 0, 2))],
)
def test_what_grows_call_after_call_is_named(what: str, each: tuple[int, int, int, int]) -> None:
    memory, descriptors, threads, tasks = each
    looks = [
        Vitals(
            one.memory_mb + n * memory,
            one.descriptors + n * descriptors,
            one.threads + n * threads,
            one.tasks + n * tasks,
        )
        for n, one in enumerate(STEADY)
    ]
    assert list(growth(looks)) == [what]

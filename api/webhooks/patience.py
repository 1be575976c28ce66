"""How often and how long a webhook that fails is tried again."""

from datetime import timedelta

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 14_400))
JITTER = 0.2  # of each, either way: what failed together is not repeated together
BREAKS_AFTER = 10  # failed attempts in a row
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_DOUBLINGS = 7  # 5 min, doubled so often, is more than the longest pause


def back_off(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many attempts at a message. chance: random, from 0 to 1."""
    return BACK_OFF[min(attempts, len(BACK_OFF)) - 1] * (1 + JITTER * (2 * chance - 1))


def pause(failures: int) -> timedelta | None:
    """Return how long a webhook is left alone after so many failures in a row; None: its circuit stays closed."""
    if failures < BREAKS_AFTER:
        return None
    return min(FIRST_PAUSE * (1 << min(failures - BREAKS_AFTER, _DOUBLINGS)), LONGEST_PAUSE)

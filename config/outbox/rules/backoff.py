"""How long a failed delivery waits."""

from datetime import timedelta

_FIRST = timedelta(seconds=15)
_LONGEST = timedelta(hours=1)
_FACTOR = 3.0


def wait_after(*, attempts: int, jitter: float) -> timedelta:
    """The wait after the n-th failure: 15 s, 45 s, ... up to 1 h, of which `jitter` in [0, 1) takes off up to a half.

    Jitter keeps deliveries that failed together from coming back together.
    """
    full = min(_FIRST * _FACTOR ** min(attempts - 1, 10), _LONGEST)
    return full * (1 - jitter / 2)

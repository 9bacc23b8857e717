"""Values that many people share, kept by this process for a few seconds.

For what pages show, never for what they charge: checkout asks anew. Nothing kept may be changed by who gets it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")

_MOST = 1000
_changing = Lock()
_kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()


def kept(key: Hashable, *, seconds: float, load: Callable[[], T]) -> T:
    """What `load` returned for this key at most `seconds` ago; 0 seconds asks every time."""
    if seconds <= 0:
        return load()
    now = time.monotonic()
    found = _kept.get(key)
    if found is not None and now < found[0]:
        return cast(T, found[1])
    value = load()
    with _changing:
        _kept[key] = (now + seconds, value)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return value


def forget_all() -> None:
    """Ask anew for everything: after an edit in this process, and in tests."""
    with _changing:
        _kept.clear()

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from config.core import garbage


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before, was_enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.set_threshold(*before)
    if was_enabled:
        gc.enable()


def test_garbage_is_looked_for_seldom_but_looked_for():
    gc.set_threshold(700, 10, 10)
    garbage.look_seldom()
    assert gc.get_threshold() == (50_000, 20, 50)
    assert gc.isenabled()


def test_what_a_server_has_imported_is_not_looked_through_again_and_new_garbage_still_goes():
    told = subprocess.run(
        [sys.executable, "-c", _TELL], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert told == ["kept", "gone"]


_TELL = """
import gc, weakref
from config.core.garbage import keep_what_is_here

class Ring: pass

def ring():
    ring = Ring()
    ring.itself = ring
    return weakref.ref(ring)

keep_what_is_here()
print("kept" if gc.get_freeze_count() > 1000 else "looked through")
garbage = ring()
[[] for _ in range(60_000)] and [object.__new__(Ring) for _ in range(60_000)]
print("gone" if garbage() is None else "stays")
"""

"""How often Python looks for garbage: seldom, because nearly all that a Django process holds stays until its end.

At Python's own threshold of 700 new objects a third of a long migration goes into looking (measured: 35 s of processor
time to migrate an empty database, 25 s with this).
"""

import gc

_NEW_OBJECTS, _YOUNG, _OLD = 50_000, 20, 50


def look_seldom() -> None:
    """Look among new objects once there are 50,000, and among those that outlived a look after twenty looks."""
    gc.set_threshold(_NEW_OBJECTS, _YOUNG, _OLD)


def keep_what_is_here() -> None:
    """For a server that has started: what it has imported is never looked through again, and the rest seldom."""
    gc.collect()
    gc.freeze()
    look_seldom()

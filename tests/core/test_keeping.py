"""What many see alike is loaded once in a while, not for everybody."""

import pytest

from config.core import keeping
from config.core.keeping import forget_all, kept


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    forget_all()


def test_a_value_is_loaded_once_within_its_seconds_and_anew_after(monkeypatch: pytest.MonkeyPatch) -> None:
    now, loads = [100.0], iter("abc")
    monkeypatch.setattr(keeping.time, "monotonic", lambda: now[0])

    def asked() -> str:
        return kept("goods", seconds=5, load=lambda: next(loads))

    assert [asked(), asked()] == ["a", "a"]
    now[0] += 4.9
    assert asked() == "a"
    now[0] += 0.2
    assert asked() == "b"
    forget_all()
    assert asked() == "c"


def test_keys_are_kept_apart_and_zero_seconds_keep_nothing() -> None:
    assert kept("a", seconds=5, load=lambda: 1) == 1
    assert kept("b", seconds=5, load=lambda: 2) == 2
    assert [kept("c", seconds=0, load=lambda n=n: n) for n in (3, 4)] == [3, 4]


def test_what_was_kept_longest_goes_first_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_MOST", 2)
    for key in ("a", "b", "c"):
        kept(key, seconds=5, load=lambda key=key: key)
    assert [kept(key, seconds=5, load=lambda: "new") for key in ("b", "c")] == ["b", "c"]
    assert kept("a", seconds=5, load=lambda: "new") == "new"

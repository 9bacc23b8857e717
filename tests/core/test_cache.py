from typing import Any

import pytest
from django.core.cache import cache

from config.core.cache import JsonSerializer

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def own_cache() -> None:
    cache.clear()


@pytest.mark.parametrize(
    "value", [0, -7, 2**62, True, False, None, 1.5, 1.0, "5", "", "中文", [1, "a"], {"a": {"b": None}}]
)
def test_json_values_come_back_as_they_went(value: Any):
    cache.set("value", value, 60)
    found = cache.get("value", "missing")
    assert found == value
    assert type(found) is type(value)


def test_a_counter_counts():
    assert cache.add("counter", 0, 60) is True
    assert cache.add("counter", 5, 60) is False
    assert [cache.incr("counter"), cache.incr("counter", 10), cache.decr("counter")] == [1, 11, 10]
    assert cache.get("counter") == 10


def test_counting_what_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")


def test_many_values_travel_together():
    cache.set_many({"a": 1, "b": "二"}, 60)
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": "二"}
    assert cache.get_or_set("c", lambda: [3], 60) == [3]


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_what_is_no_json_is_refused(value: Any):
    with pytest.raises(TypeError):
        cache.set("value", value, 60)


def test_a_planted_pickle_is_not_loaded():
    with pytest.raises(ValueError):  # noqa: PT011
        JsonSerializer().loads(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94")

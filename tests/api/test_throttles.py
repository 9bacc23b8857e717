"""Who calls too often is told when to come back; others are not held up by it."""

from typing import Any

import pytest
import redis
from django.core.cache import cache

from config.core.windows import count_in_window
from members.api import throttles
from members.models import Member
from tests.api.conftest import Api, with_token

pytestmark = pytest.mark.django_db

_ORDER = {"headers": {"Idempotency-Key": "k"}}


@pytest.fixture(autouse=True)
def rates(settings: Any) -> dict[str, int]:
    """Small rates, and nobody has called yet."""
    cache.clear()
    settings.API_CALLS_PER_MINUTE = {"visitor": 3, "member": 4, "sign_in": 1, "placing": 2}
    return settings.API_CALLS_PER_MINUTE


def statuses(api: Api, path: str, times: int, **options: Any) -> list[int]:
    return [api.get(path, **options).status_code for _ in range(times)]


def test_a_visitor_who_calls_too_often_is_told_when_to_come_back(visitor: Api):
    assert statuses(visitor, "tiers/", 4) == [200, 200, 200, 429]
    refused = visitor.get("products/")
    seconds = int(refused["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused.json() == {
        "code": "throttled",
        "message": "操作太频繁，请稍后再试",
        "fields": {},
        "facts": {"seconds": seconds},
    }


def test_visitors_count_by_network_and_a_forged_header_makes_no_new_one(visitor: Api, settings: Any):
    def call(address: str, **headers: str) -> int:
        return visitor.get("tiers/", REMOTE_ADDR=address, headers=headers).status_code

    assert [call("203.0.113.7", X_Forwarded_For=f"198.51.100.{n}") for n in range(4)] == [200, 200, 200, 429]
    assert call("203.0.113.8") == 200
    assert [call(f"2001:db8:1:1::{n}") for n in range(1, 5)] == [200, 200, 200, 429]
    assert call("2001:db8:1:2::1") == 200
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    headers = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(4)]
    assert [call("10.0.0.1", **one) for one in headers] == [200, 200, 200, 200]


def test_a_member_counts_by_token(member: Member, visitor: Api):
    assert member.user is not None
    phone, tablet = with_token(member.user), with_token(member.user)
    assert statuses(phone, "me/", 5) == [200, 200, 200, 200, 429]
    assert statuses(tablet, "me/", 1) == [200]
    assert statuses(visitor, "tiers/", 1) == [200]


def test_asking_for_codes_and_logging_in_share_a_stricter_rate(visitor: Api):
    login = {"phone": "13800000001", "code": "000000"}
    assert visitor.post("auth/login/", login).json()["code"] == "code_expired"
    assert visitor.post("auth/login/", login).json()["code"] == "throttled"
    assert visitor.post("auth/codes/", {"phone": "13800000001"}).status_code == 429


def test_orders_and_redemptions_share_a_stricter_rate_and_reading_orders_does_not_count(api: Api):
    assert api.get("orders/").status_code == 200
    assert [api.post(path, {}, **_ORDER).status_code for path in ("orders/", "redemptions/", "orders/")] == [
        400,
        400,
        429,
    ]


def test_a_rate_of_nought_is_no_limit(visitor: Api, rates: dict[str, int]):
    rates["visitor"] = 0
    assert statuses(visitor, "tiers/", 8) == [200] * 8


def test_without_redis_nobody_is_refused(visitor: Api, monkeypatch: pytest.MonkeyPatch):
    def gone(**_: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(throttles, "count_in_window", gone)
    assert statuses(visitor, "tiers/", 5) == [200] * 5


def test_a_window_closes_by_itself():
    cache.clear()
    assert [count_in_window(name="x", seconds=60) for _ in range(2)] == [(1, 60), (2, 60)]
    assert count_in_window(name="y", seconds=1) == (1, 1)

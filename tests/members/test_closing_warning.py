"""Before an account is closed its owner reads what goes with it: points, growth, paid time."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Member
from members.services import closing
from points import ledger
from tests.members.factories import a_member
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db


def with_much_to_lose(**plan: str) -> Member:
    now = timezone.now()
    member = a_member(at=now - timedelta(days=1))
    ledger.earn(account=member.points_account_id, points=1080, key="k", source="s", at=now)
    ledger.earn(account=member.points_account_id, points=70, key="p", source="s", at=now, pending=True)
    ledger.earn(account=member.growth_account_id, points=2300, key="g", source="s", at=now)
    buy(a_plan(**plan), member_id=member.pk, order=1, at=now)  # type: ignore[arg-type]
    return member


def page(client: Client, member: Member) -> str:
    client.force_login(member.user)
    return client.get("/privacy/closing/").content.decode()


def test_points_growth_and_the_end_of_paid_time_are_named(client: Client) -> None:
    member = with_much_to_lose()
    seen = page(client, member)
    lost = closing.what_is_lost(member_id=member.pk, at=timezone.now())
    assert (lost.points, lost.growth, lost.paid_membership) == (1150, 2300, True)
    assert ("1,150，全部作废" in seen, "2,300，全部清零" in seen) == (True, True)
    assert lost.paid_until is not None
    last_day = timezone.localtime(lost.paid_until).date()
    assert f"剩余至 {last_day:%Y-%m-%d}，不退款" in seen


def test_paid_time_for_life_is_said_so(client: Client) -> None:
    assert "终身，不退款" in page(client, with_much_to_lose(code="life", kind="lifetime"))


def test_who_has_paid_nothing_reads_nothing_of_it(client: Client) -> None:
    seen = page(client, a_member())
    assert ("付费会员" in seen, "0，全部作废" in seen) == (False, True)

"""Thousands of orders are given for as if one by one, in a fixed number of statements."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Grant, Receipt
from campaigns.services.bulk import OrderFact, grant_orders
from campaigns.services.granting import grant_for_order
from members.models import Member
from points import ledger
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import LONG_AGO, a_member, an_order, growth_of, points_of, presets_installed

pytestmark = pytest.mark.django_db


def fact(number: int, member: Member, cents: int, at=WEDNESDAY, **fields) -> OrderFact:
    values = {"tier_code": "bronze", "tier_name": "青铜会员", "channel": "pos", **fields}
    return OrderFact(order_id=number, member_id=member.pk, base_cents=cents, paid_at=at, completed_at=at, **values)


def test_a_batch_gives_what_single_orders_would():
    presets_installed()
    alone, batched = a_member(), a_member()
    sums = [(19900, WEDNESDAY), (50000, THURSDAY), (1, THURSDAY), (9999, WEDNESDAY + timedelta(days=27))]
    for cents, at in sums:
        grant_for_order(order_id=an_order(alone, cents=cents, paid_at=at).pk, at=at)
    report = grant_orders(facts=[fact(10**6 + n, batched, cents, at) for n, (cents, at) in enumerate(sums)])
    last = WEDNESDAY + timedelta(days=30)
    assert points_of(batched, last) == points_of(alone, last) == report.points == 398 + 600 + 199
    assert growth_of(batched, last) == growth_of(alone, last) == report.growth == 199 + 500 + 99
    kept = ("points", "growth", "steps", "nearly", "at", "base_cents")
    assert list(Receipt.objects.filter(member=batched).order_by("at", "pk").values(*kept)) == list(
        Receipt.objects.filter(member=alone).order_by("at", "pk").values(*kept)
    )
    assert ledger.audit() == []


def test_the_same_batch_again_changes_nothing():
    presets_installed()
    member = a_member()
    facts = [fact(1, member, 10000), fact(2, member, 20000), fact(1, member, 10000)]
    first, again = grant_orders(facts=facts), grant_orders(facts=facts)
    assert (first.receipts, first.points) == (2, 600)
    assert (again.receipts, again.points, points_of(member, THURSDAY)) == (0, 0, 600)
    assert Grant.objects.count() == 4


def test_base_alone_gives_one_point_per_yuan_rounded_down_per_order():
    presets_installed()
    member = a_member()
    facts = [fact(1, member, 199), fact(2, member, 199, points_multiplier=Decimal(1))]
    assert grant_orders(facts=facts, codes={"base"}).points == 2


def test_history_is_given_for_as_if_todays_campaigns_had_always_been_live():
    presets_installed()
    member, years_ago = a_member(), LONG_AGO - timedelta(days=3001)
    assert grant_orders(facts=[fact(1, member, 10000, years_ago)]).points == 0
    assert grant_orders(facts=[fact(2, member, 10000, years_ago)], as_if_live=True).points == 100


def test_the_number_of_statements_does_not_grow_with_the_batch():
    presets_installed()
    members = [a_member() for _ in range(3)]

    def statements(first: int, count: int) -> int:
        facts = [fact(first + n, members[n % 3], 1000) for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            grant_orders(facts=facts)
        return len(captured)

    assert statements(1000, 5) == statements(2000, 200)

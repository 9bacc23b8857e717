"""The SQL of random rules finds whom a plain evaluation in Python finds."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.core.db import fetch_all
from config.core.time import local_date
from mall.models import Order, OrderLine, Sku, Store
from mall.services.defaults import ensure_defaults as ensure_shop
from members.models import Member, Tier
from members.ports import Scope
from members.rules.segments import Condition, Group, Rule, holds
from members.selectors.segments import WHOLE, members_where
from members.services.defaults import ensure_defaults
from tests.mall.builders import a_sku
from tests.members.factories import AT, a_member

TIERS = ("bronze", "silver", "gold")
PERIODS = (None, 30, 90)

_tier = st.builds(
    Condition,
    field=st.just("tier"),
    operator=st.sampled_from(["in", "not_in"]),
    value=st.lists(st.sampled_from([*TIERS, "gone"]), min_size=1, max_size=2).map(tuple),
)
_region = st.builds(
    Condition,
    field=st.just("region"),
    operator=st.sampled_from(["in", "not_in"]),
    value=st.lists(st.sampled_from(["440000", "440300", "330100"]), min_size=1, max_size=2).map(tuple),
)
_compared = st.sampled_from(["at_least", "at_most"])
_age = st.builds(Condition, field=st.just("age"), operator=_compared, value=st.integers(17, 40))
_spent = st.builds(
    Condition,
    field=st.just("spent"),
    operator=_compared,
    value=st.sampled_from([0, 1, 4000, 5000, 9000]),
    days=st.sampled_from(PERIODS),
)
_orders = st.builds(
    Condition, field=st.just("orders"), operator=_compared, value=st.integers(0, 3), days=st.sampled_from(PERIODS)
)
_last = st.builds(
    Condition,
    field=st.sampled_from(["last_order", "registered_days"]),
    operator=st.sampled_from(["within", "not_within"]),
    value=st.sampled_from([1, 30, 90, 400]),
)
_since = st.builds(
    Condition,
    field=st.just("registered"),
    operator=st.sampled_from(["since", "until"]),
    value=st.dates(date(2025, 10, 1), date(2026, 11, 20)),
)
_conditions = st.one_of(_tier, _region, _age, _spent, _orders, _last, _since)
_groups = st.builds(
    Group,
    conditions=st.lists(_conditions, min_size=1, max_size=3).map(tuple),
    joins_all=st.booleans(),
    is_negated=st.booleans(),
)
RULES = st.builds(Rule, groups=st.lists(_groups, min_size=1, max_size=3).map(tuple), joins_all=st.booleans())

# tier, region, born, days since registration, orders as (days ago, cents, refunded)
PEOPLE: list[tuple[str, str, date | None, int, list[tuple[int, int, int]]]] = [
    ("bronze", "", None, 400, []),
    ("silver", "440305", date(2000, 11, 18), 89, [(5, 5000, 0)]),
    ("gold", "440103", date(2000, 11, 19), 30, [(31, 4000, 0), (29, 5000, 5000)]),
    ("gold", "330106", date(1990, 2, 28), 1, [(200, 9000, 0), (89, 1, 0), (1, 4999, 0)]),
    ("bronze", "330106", date(2008, 12, 31), 366, [(91, 4000, 3999)]),
]


class AgreementTest(TestCase):
    """Few members of every kind, and many rules about them."""

    @classmethod
    def setUpTestData(cls) -> None:
        ensure_defaults()
        ensure_shop()
        sku = a_sku()
        cls.facts = {}
        for number, (tier, region, born, days, orders) in enumerate(PEOPLE):
            member = a_member(phone=f"1380000{2000 + number}")
            Member.objects.filter(pk=member.pk).update(
                tier=Tier.objects.get(code=tier),
                region_code=region,
                birth_year=born.year if born else None,
                birthday_month_day=f"{born:%m%d}" if born else "",
                registered_at=AT - timedelta(days=days),
            )
            for days_ago, cents, refunded in orders:
                _an_order(member, sku, cents=cents, refunded=refunded, paid_at=AT - timedelta(days=days_ago, hours=1))
            cls.facts[member.pk] = _facts(tier, region, born, days, orders)

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(rule=RULES, split=st.integers(0, len(PEOPLE)))
    def test_sql_and_python_find_the_same_members(self, rule: Rule, split: int) -> None:
        """However the members are cut into chunks."""
        ids = sorted(self.facts)
        edge = ids[split - 1] if split else 0
        found = [
            pk
            for low, high in ((0, edge), (edge, WHOLE))
            for pk in _found(rule, Scope(after_id=low, upto_id=high, at=AT))
        ]
        assert sorted(found) == [pk for pk in ids if holds(rule, self.facts[pk])]


def _found(rule: Rule, scope: Scope) -> list[int]:
    where = members_where(rule=rule, scope=scope)
    return [pk for (pk,) in fetch_all(f"SELECT m.id FROM members_member m WHERE {where.sql}", where.params)]  # type: ignore[arg-type]


def _an_order(member: Member, sku: Sku, *, cents: int, refunded: int, paid_at: datetime) -> None:
    order = Order.objects.create(
        number=f"{member.pk}-{paid_at:%Y%m%d}",
        status=Order.Status.COMPLETED,
        member=member,
        store=Store.objects.get(is_default=True),
        channel="h5",
        goods_cents=cents,
        payable_cents=cents,
        created_at=paid_at,
        paid_at=paid_at,
        completed_at=paid_at,
    )
    OrderLine.objects.create(
        order=order,
        sku=sku,
        product_name="茶",
        quantity=1,
        unit_price_cents=cents,
        goods_cents=cents,
        paid_cents=cents,
        refunded_cents=refunded,
    )


def _facts(
    tier: str, region: str, born: date | None, days: int, orders: Sequence[tuple[int, int, int]]
) -> dict[tuple[str, int | None], Any]:
    today = local_date(AT)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    facts: dict[tuple[str, int | None], Any] = {
        ("tier", None): {tier},
        ("region", None): {region[:2] + "0000", region[:4] + "00"},
        ("age", None): age,
        ("registered", None): local_date(AT - timedelta(days=days)),
        ("registered_days", None): days,
        # an order of an hour before the day before yesterday is older than two days
        ("last_order", None): min((ago + 1 for ago, _, _ in orders), default=None),
    }
    for period in PERIODS:
        counted = [order for order in orders if period is None or order[0] < period]
        facts["orders", period] = len(counted)
        facts["spent", period] = sum(cents - refunded for _, cents, refunded in counted)
    return facts

"""Every field that a segment may ask about finds, through its SQL, who has it; its contrary finds everybody else."""

from datetime import timedelta

import pytest
from django.db import transaction

from config.core.db import fetch_all
from mall.models import Category, Order
from mall.services import refunds
from mall.services.defaults import ensure_defaults as ensure_shop
from members.models import Interest, Member, Tag
from members.ports import Scope, segment_fields
from members.rules.invitations import Touch
from members.rules.segments import Condition, Group, Rule
from members.selectors.segments import WHOLE, members_where
from members.services.growth import post_growth
from members.services.profiles import ProfileChange, save_profile
from members.services.tags import put_tag
from points import ledger
from tests.mall.builders import a_buyer, a_paid_order, a_sku
from tests.members.factories import AT, a_clerk
from tests.members.invitations.scenes import a_channel, somebody

pytestmark = pytest.mark.django_db
LONG_AGO = AT - timedelta(days=100)

# field -> (operator, value, period) that is true of her alone, and one that is true of him alone
Asked = tuple[str, object, int | None]


def asked_of(her: dict[str, str]) -> dict[str, tuple[Asked, Asked]]:
    def codes(code: str) -> tuple[Asked, Asked]:
        return ("in", (code,), None), ("not_in", (code,), None)

    def amounts(least: int, period: int | None = None) -> tuple[Asked, Asked]:
        return ("at_least", least, period), ("at_most", least - 1, period)

    return {
        "tier": codes("silver"),
        "points": amounts(80),
        "growth": amounts(1200),
        "tags": codes(her["tag"]),
        "interests": codes(her["interest"]),
        "region": codes("330000"),
        "age": (("at_most", 30, None), ("at_least", 31, None)),
        "birthday_month": codes("05"),
        "gender": codes("female"),
        "registered": (("since", AT.date(), None), ("until", AT.date() - timedelta(days=1), None)),
        "registered_days": (("within", 10, None), ("not_within", 10, None)),
        "channel": codes("h5"),
        "brought_by": codes(her["channel"]),
        "last_order": (("within", 30, None), ("not_within", 30, None)),
        "orders": amounts(2),
        "spent": amounts(20000, 30),
        "product": codes(her["product"]),
        "category": codes(her["category"]),
    }


@pytest.fixture
def people() -> tuple[Member, Member, dict[str, str]]:
    """She has everything; he came long ago, by the till, bought something else then, and gave his tea back."""
    ensure_shop()
    lin, tea, cup = a_channel(), a_sku(price_cents=10000), a_sku(name="杯子", category="cups", price_cents=5000)
    tag, interest = Tag.objects.create(name="爱茶"), Interest.objects.create(name="茶")
    her = somebody(touch=Touch(channel_code=lin.code, touched_at=AT))
    him = a_buyer()
    for member, gender, born, region in (
        (her, "female", "2000-05-20", "330106"),
        (him, "male", "1990-06-01", "440305"),
    ):
        change = ProfileChange(gender=gender, birthday=born, region_code=region)
        save_profile(member_id=member.pk, change=change, at=AT)
    save_profile(member_id=her.pk, change=ProfileChange(interests=[interest.pk]), at=AT)
    put_tag(tag_id=tag.pk, member_ids=[her.pk], operator_id=a_clerk().pk, at=AT)
    Member.objects.filter(pk=him.pk).update(registered_at=LONG_AGO, channel="pos")
    him.addresses.update(member=her)  # one address is enough to order from
    for _ in range(2):
        a_paid_order(her, (tea, 1))
    her.addresses.update(member=him)
    bought = a_paid_order(him, (cup, 1))
    Order.objects.filter(pk=bought.pk).update(paid_at=LONG_AGO)
    ledger.earn(account=her.points_account_id, points=80, key="k", source="s", at=AT)
    post_growth(member_id=her.pk, points=1200, key="g", source="s", at=AT, cause="test")
    category = Category.objects.get(slug="tea")
    codes = {"tag": tag, "interest": interest, "channel": lin, "product": tea.product, "category": category}
    return her, him, {name: str(row.pk) for name, row in codes.items()}


def found(field: str, asked: Asked) -> list[int]:
    operator, value, days = asked
    condition = Condition(field=field, operator=operator, value=value, days=days)  # type: ignore[arg-type]
    scope = Scope(after_id=0, upto_id=WHOLE, at=AT + timedelta(hours=1))
    where = members_where(rule=Rule(groups=(Group(conditions=(condition,)),)), scope=scope)
    rows = fetch_all(f"SELECT m.id FROM members_member m WHERE {where.sql}", where.params)  # type: ignore[arg-type]
    return [pk for (pk,) in rows]


def test_each_field_finds_her_alone_and_its_contrary_him_alone(people: tuple[Member, Member, dict[str, str]]) -> None:
    her, him, codes = people
    asked = asked_of(codes)
    answers = {field: (found(field, yes), found(field, no)) for field, (yes, no) in asked.items()}
    assert answers == dict.fromkeys(asked, ([her.pk], [him.pk]))


def test_no_field_is_offered_that_is_not_asked_here() -> None:
    codes = dict.fromkeys(("tag", "interest", "channel", "product", "category"), "1")
    assert set(asked_of(codes)) == set(segment_fields())


def test_what_was_given_back_was_not_bought(people: tuple[Member, Member, dict[str, str]]) -> None:
    her, _, codes = people
    with transaction.atomic():
        for order in Order.objects.filter(member=her):
            lines = {line.pk: 1 for line in order.lines.all()}
            refunds.refund(order_id=order.pk, lines=lines, key=f"r{order.pk}", reason="不想要了", at=AT)
    asked = asked_of(codes)
    assert {name: found(name, asked[name][0]) for name in ("product", "category", "spent")} == {
        "product": [],
        "category": [],
        "spent": [],
    }

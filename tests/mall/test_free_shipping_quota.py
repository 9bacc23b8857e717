"""Free shipping n times a month: an order that would pay freight takes one, and gives it back when it is cancelled."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from mall.models import Order, Sku
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.services import checkout as placing
from mall.services import orders
from members.models import Benefit, BenefitUse, Member
from members.services import benefit_uses
from members.services.benefit_uses import BenefitUsedUp, claim
from tests.mall.builders import AT, FakePromotions, a_buyer, a_sku, address_of
from tests.mall.test_races import at_once, count

DECEMBER = AT + timedelta(days=30)


def monthly(times: int | None) -> Member:
    Benefit.objects.filter(tier__code="gold", kind="free_shipping").update(value=times)
    return a_buyer(tier="gold")


def order(member: Member, sku: Sku, *, key: str, payable: int, at=AT) -> Order:
    with transaction.atomic():
        placed = placing.place_order(
            member_id=member.pk,
            lines=[Wanted(sku_id=sku.pk, quantity=1)],
            address_id=address_of(member),
            points=0,
            channel="h5",
            submit_key=key,
            expected_payable_cents=payable,
            at=at,
        )
    return Order.objects.get(pk=placed.order_id)


def uses() -> list[tuple[str, int, str]]:
    return list(BenefitUse.objects.order_by("period", "nth").values_list("period", "nth", "source"))


@pytest.mark.django_db
def test_two_orders_of_a_month_ship_free_and_the_third_pays(shop: None, promotions: FakePromotions) -> None:
    member, sku = monthly(2), a_sku(price_cents=5000)
    placed = [order(member, sku, key=f"{n}", payable=cents) for n, cents in ((1, 5000), (2, 5000), (3, 5800))]
    assert [one.freight_cents for one in placed] == [0, 0, 800]
    assert [one.quote["steps"][-1]["label"] for one in placed] == [
        "运费（会员包邮，本月还剩 1 次）",
        "运费（会员包邮，本月还剩 0 次）",
        "运费",
    ]
    assert uses() == [("2026-11", 1, f"order:{placed[0].pk}"), ("2026-11", 2, f"order:{placed[1].pk}")]
    assert order(member, sku, key="4", payable=5000, at=DECEMBER).freight_cents == 0
    assert uses()[2][:2] == ("2026-12", 1)


@pytest.mark.django_db
def test_a_cancelled_order_gives_its_use_back(shop: None, promotions: FakePromotions) -> None:
    member, sku = monthly(1), a_sku(price_cents=5000)
    first = order(member, sku, key="1", payable=5000)
    with transaction.atomic():
        orders.cancel(order_id=first.pk, at=AT)
    assert uses() == []
    second = order(member, sku, key="2", payable=5000)
    assert uses() == [("2026-11", 1, f"order:{second.pk}")]


@pytest.mark.django_db
def test_an_order_that_ships_free_anyway_takes_none(shop: None, promotions: FakePromotions) -> None:
    member, sku = monthly(1), a_sku(price_cents=9900)
    placed = order(member, sku, key="1", payable=9900)
    assert placed.quote["steps"][-1]["label"] == "运费（满 99 元包邮）"
    assert uses() == []


@pytest.mark.django_db
def test_without_a_limit_nothing_is_counted(shop: None, promotions: FakePromotions) -> None:
    member, sku = monthly(None), a_sku(price_cents=5000)
    placed = order(member, sku, key="1", payable=5000)
    assert placed.quote["steps"][-1]["label"] == "运费（黄金会员包邮）"
    assert uses() == []


@pytest.mark.django_db
def test_the_checkout_page_shows_freight_when_the_month_is_used_up(shop: None, promotions: FakePromotions) -> None:
    member, sku = monthly(1), a_sku(price_cents=5000)
    order(member, sku, key="1", payable=5000)
    wanted = [Wanted(sku_id=sku.pk, quantity=1)]
    assert checkout(member_id=member.pk, lines=wanted, channel="h5", at=AT).priced.freight_cents == 800
    assert checkout(member_id=member.pk, lines=wanted, channel="h5", at=DECEMBER).priced.freight_cents == 0


@pytest.mark.django_db
def test_the_same_source_claims_once_and_who_has_none_is_refused() -> None:
    member, other = monthly(3), a_buyer(tier="bronze")
    with transaction.atomic():
        assert [claim(member_id=member.pk, kind="free_shipping", source="order:1", at=AT) for _ in range(2)] == [1, 1]
    assert len(uses()) == 1
    with pytest.raises(BenefitUsedUp) as refusal, transaction.atomic():
        claim(member_id=other.pk, kind="free_shipping", source="order:2", at=AT)
    assert refusal.value.text == "本月包邮次数已用完，请重新确认金额后提交"


def _claims(member: Member, times: int) -> list[Callable[[], object]]:
    def one(number: int) -> Callable[[], object]:
        def act() -> object:
            with transaction.atomic():
                return claim(member_id=member.pk, kind="free_shipping", source=f"order:{number}", at=AT)

        return act

    return [one(number) for number in range(times)]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_share_three_uses(committed_shop: None) -> None:
    member = monthly(3)
    results = at_once(_claims(member, 8))
    assert count(results, BenefitUsedUp) == 5
    assert sorted(result for result in results if isinstance(result, int)) == [1, 2, 3]
    assert [nth for _, nth, _ in uses()] == [1, 2, 3]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_a_use_is_taken_twice(committed_shop: None, monkeypatch) -> None:
    member = monthly(1)
    plain = benefit_uses._CLAIM.replace("ON CONFLICT (member_id, kind, period, nth) DO NOTHING", "")
    slow = plain.replace("SELECT %(member)s", "SELECT (pg_sleep(0.3) IS NULL)::int * 0 + %(member)s")
    monkeypatch.setattr(benefit_uses, "_CLAIM", slow)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE members_benefituse DROP CONSTRAINT benefituse_nth_once")
    try:
        results = at_once(_claims(member, 4))
        assert sum(result == 1 for result in results) > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE members_benefituse")
            cursor.execute(
                "ALTER TABLE members_benefituse"
                " ADD CONSTRAINT benefituse_nth_once UNIQUE (member_id, kind, period, nth)"
            )

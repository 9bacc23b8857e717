"""Before a ladder is saved: who would move, and what its benefits would cost a month."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mall.models import Order, OrderLine, Sku
from mall.services import refunds
from members.models import Benefit, Member, Tier, TierChange
from members.rules.benefit_costs import Bought, MonthlyCost, Rates, monthly_cost
from members.rules.benefits import Terms
from members.selectors import what_if as selector
from members.selectors.tiers import fresh_tiers
from members.selectors.what_if import Proposed, what_if
from members.services.growth import post_growth
from tests.admin.conftest import ClientWith
from tests.mall.builders import a_buyer, a_sku, pay, place


def with_growth(points: int, *, tier: str = "bronze", days_ago: int = 1) -> Member:
    member, at = a_buyer(tier=tier), timezone.now() - timedelta(days=days_ago)
    if points:
        with transaction.atomic():
            key = f"growth:{member.pk}"
            post_growth(member_id=member.pk, points=points, key=key, source="order:1", at=at, cause="order:1")
    return member


def posted(owner: Client, tier: Tier, **change: Any) -> dict[str, Any]:
    """The tier's form as its page shows it, with these changes."""
    context = owner.get(reverse("admin:members_tier_change", args=[tier.pk])).context
    form = context["adminform"].form
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    (formset,) = (inline.formset for inline in context["inline_admin_formsets"])
    data |= {f"{formset.prefix}-TOTAL_FORMS": len(formset), f"{formset.prefix}-INITIAL_FORMS": len(formset)}
    for row in formset:
        data |= {row.add_prefix(name): "" if row[name].value() is None else row[name].value() for name in row.fields}
    return {**data, **change}


def preview(client: Client, tier: Tier, data: dict[str, Any]) -> Any:
    return client.post(f"{reverse('admin:members_tier_preview')}?tier={tier.pk}", data)


@pytest.mark.django_db
def test_the_panel_says_who_rises_and_who_will_fall(owner: Client) -> None:
    for growth in (800, 900, 5000):
        with_growth(growth)
    with_growth(0, tier="gold")
    silver = Tier.objects.get(code="silver")
    page = preview(owner, silver, posted(owner, silver, threshold="850")).content.decode()
    assert "保存后 1 位会员会在几分钟内升级" in page
    assert "1 位会员会在各自的定级周期结束时降一级，现行规则下是 1 位（+0）" in page
    assert "从现在的等级（行）到周期结束后的等级（列）" in page
    assert silver.threshold == 1000


@pytest.mark.django_db
def test_the_panel_says_what_is_still_wrong(owner: Client) -> None:
    gold = Tier.objects.get(code="gold")
    page = preview(owner, gold, posted(owner, gold, threshold="10", retention_threshold="99")).content.decode()
    assert "须高于「白银会员」的 1,000" in page
    assert "保级成长值：保级成长值为 0 到所需成长值之间" in page


@pytest.mark.django_db
def test_what_moves_members_is_confirmed_before_it_is_saved(owner: Client) -> None:
    with_growth(800)
    silver = Tier.objects.get(code="silver")
    page, data = reverse("admin:members_tier_change", args=[silver.pk]), posted(owner, silver, threshold="700")
    shown = owner.post(page, data)
    assert shown.status_code == 200
    assert "确认修改「白银会员」" in shown.content.decode()
    silver.refresh_from_db()
    assert silver.threshold == 1000
    assert owner.post(page, dict(shown.context["posted"]) | {"_confirmed": "1"}).status_code == 302
    silver.refresh_from_db()
    assert silver.threshold == 700


@pytest.mark.django_db
def test_another_benefit_is_confirmed_and_another_name_is_not(owner: Client) -> None:
    gold = Tier.objects.get(code="gold")
    page = reverse("admin:members_tier_change", args=[gold.pk])
    assert owner.post(page, posted(owner, gold, **{"benefits-0-value": "3"})).status_code == 200
    assert Benefit.objects.get(tier=gold, kind="points_multiplier").value == 1.5
    assert owner.post(page, posted(owner, gold, name="金卡")).status_code == 302


@pytest.mark.django_db
def test_a_benefit_with_a_value_its_kind_does_not_take_is_refused(owner: Client) -> None:
    gold = Tier.objects.get(code="gold")
    page = reverse("admin:members_tier_change", args=[gold.pk])
    change = {"benefits-1-kind": "early_access", "benefits-1-value": "1000"}
    assert "提前购的小时数为 1 到 720 的整数" in owner.post(page, posted(owner, gold, **change)).content.decode()


@pytest.mark.django_db
def test_only_who_may_change_tiers_sees_a_preview(staff_with: ClientWith) -> None:
    silver = Tier.objects.get(code="silver")
    assert preview(staff_with("members.view_tier"), silver, {}).status_code == 403


@pytest.mark.django_db
def test_the_what_if_asks_three_questions_however_many_members() -> None:
    ladder = [Proposed(rung=row.rung, terms=row.benefits) for row in fresh_tiers()]
    counts = []
    for members in (1, 6):
        for _ in range(members):
            with_growth(1200)
        with CaptureQueriesContext(connection) as queries:
            found = what_if(now=ladder, then=ladder, at=timezone.now())
        counts.append(len(queries))
    assert counts == [3, 3]
    assert {(cell.old.code, cell.new.code): cell.members for cell in found.then.moves} == {("silver", "silver"): 7}


@pytest.mark.django_db
def test_of_many_members_a_sample_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(8):
        with_growth(1200)
    monkeypatch.setattr(selector, "_LOOKED_AT", 4)
    ladder = [Proposed(rung=row.rung, terms=row.benefits) for row in fresh_tiers()]
    found = what_if(now=ladder, then=ladder, at=timezone.now())
    assert found.sample == 4
    assert sum(found.then.members_by_tier.values()) == 8


@pytest.fixture
def sales(db: None) -> None:
    """Ninety days in which gold bought two teas and kept them, and a cup; silver bought three teas."""
    now = timezone.now()
    gold, silver = with_growth(6000, tier="gold"), with_growth(1200, tier="silver")
    tea, cup, plain = (a_sku(price_cents=price) for price in (20_000, 10_000, 5_000))
    bought_by_gold = place(gold, (tea, 3), (cup, 1), (plain, 9), at=now - timedelta(days=2))
    bought_by_silver = place(silver, (tea, 3), at=now - timedelta(days=2))
    too_old = place(gold, (tea, 1), at=now - timedelta(days=95))
    for one, days in ((bought_by_gold, 2), (bought_by_silver, 2), (too_old, 91)):
        Order.objects.filter(pk=one.order_id).update(expires_at=now + timedelta(days=1))
        pay(one.order_id, at=now - timedelta(days=days))
    place(gold, (tea, 1), at=now)  # not paid
    line = OrderLine.objects.get(order=bought_by_gold.order_id, sku=tea)
    with transaction.atomic():
        refunds.refund(order_id=bought_by_gold.order_id, lines={line.pk: 1}, key="r", reason="不想要了", at=now)
    Sku.objects.filter(pk=tea.pk).update(member_price_cents=17_000)
    Sku.objects.filter(pk=cup.pk).update(member_price_cents=9_500)


def with_terms(code: str, *terms: tuple[str, str | None]) -> list[Proposed]:
    """The ladder with these benefits of one tier and none of the others."""
    given = tuple(Terms(kind=kind, value=None if value is None else Decimal(value)) for kind, value in terms)
    return [Proposed(rung=row.rung, terms=given if row.rung.code == code else ()) for row in fresh_tiers()]


@pytest.mark.parametrize(
    ("code", "terms", "cents"),
    [
        ("gold", [], 0),
        ("gold", [("discount", "0.9")], 0),
        # two teas at 3,000 off and a cup at 500, over three months
        ("gold", [("member_price", None)], (2 * 3_000 + 500) // 3),
        # 9 折 is 18,000 for a tea, so that 1,000 are left of the member price; 9,000 for a cup is below its 9,500
        ("gold", [("member_price", None), ("discount", "0.9")], 2 * 1_000 // 3),
        ("silver", [("member_price", None)], 3 * 3_000 // 3),
        ("diamond", [("member_price", None)], 0),
    ],
)
def test_member_prices_cost_what_they_take_off_beyond_the_discount(
    sales: None, code: str, terms: list[tuple[str, str | None]], cents: int
) -> None:
    found = what_if(now=with_terms(code), then=with_terms(code, *terms), at=timezone.now())
    assert (found.now.cost.member_price_cents, found.then.cost.member_price_cents) == (0, cents)


def test_member_prices_cost_one_question_more_and_are_part_of_the_sum(sales: None) -> None:
    ladder = with_terms("gold", ("member_price", None))
    with CaptureQueriesContext(connection) as queries:
        found = what_if(now=ladder, then=ladder, at=timezone.now())
    assert len(queries) == 5
    assert found.then.cost.total_cents == found.then.cost.member_price_cents == 2_166


def test_the_panel_says_what_member_prices_cost_and_how_it_is_reckoned(owner: Client, sales: None) -> None:
    gold = Tier.objects.get(code="gold")
    Benefit.objects.filter(tier=gold).delete()
    Benefit.objects.create(tier=gold, kind="member_price", title="会员价", position=0)
    page = preview(owner, gold, posted(owner, gold)).content.decode()
    assert "会员价（折扣之外）" in page
    assert "¥21.66" in page
    assert "件数 ×（折后价 − 会员价）÷ 3 个月" in page


RATES = Rates(growth_cost_cents=100, points_per_yuan=100, freight_cents=800)


@pytest.mark.parametrize(
    ("terms", "cost"),
    [
        ([("points_multiplier", "1.5")], MonthlyCost(points_cents=50_000)),
        ([("discount", "0.9")], MonthlyCost(discount_cents=1_000_000)),
        ([("free_shipping", None)], MonthlyCost(shipping_cents=160_000)),
        ([("free_shipping", "3")], MonthlyCost(shipping_cents=120_000)),
        ([("birthday_gift", None)], MonthlyCost()),
        ([("birthday_gift", "240")], MonthlyCost(gifts_cents=1_000)),
    ],
)
def test_a_months_cost_is_a_third_of_ninety_days(terms: list[tuple[str, str | None]], cost: MonthlyCost) -> None:
    bought = Bought(members=50, growth=300_000, orders=600)
    given = [Terms(kind=kind, value=None if value is None else Decimal(value)) for kind, value in terms]
    assert monthly_cost(bought=bought, terms=given, rates=RATES) == cost


@pytest.mark.django_db
def test_moves_are_listed_with_their_cause(owner: Client) -> None:
    member = with_growth(1200)
    page = owner.get(reverse("admin:members_tierchange_changelist")).content.decode()
    assert member.number in page
    assert "订单（order:1）" in page
    TierChange.objects.update(cause="period", at=datetime.fromisoformat("2026-11-18T12:00+08:00"))
    assert "定级周期结束，成长值未达保级" in owner.get(reverse("admin:members_tierchange_changelist")).content.decode()

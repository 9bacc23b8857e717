"""Standings, default tiers, and the member centre's values."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from config.core.errors import NotFound
from config.core.keeping import forget_all
from members.models import Benefit, Member, Tier
from members.selectors.centre import assets_of, ladder_of, profile
from members.selectors.sessions import signed_in
from members.selectors.standing import standing, standing_on_pages, standings
from members.services.defaults import ensure_defaults
from members.services.growth import post_growth
from points import ledger
from tests.members.factories import AT, PHONE, a_member

pytestmark = pytest.mark.django_db


def at_tier(code: str, phone: str = PHONE) -> Member:
    member = a_member(phone=phone)
    threshold = Tier.objects.get(code=code).threshold
    if threshold:
        post_growth(member_id=member.pk, points=threshold, key="g", source="order:1", at=AT, cause="order:1")
    return member


@pytest.mark.parametrize(
    ("code", "name", "rank", "multiplier", "discount", "is_free"),
    [
        ("bronze", "青铜会员", 1, "1", "1", False),
        ("silver", "白银会员", 2, "1.2", "1", False),
        ("gold", "黄金会员", 3, "1.5", "1", True),
        ("diamond", "钻石会员", 4, "2", "0.95", True),
    ],
)
def test_a_standing_tells_what_the_tier_is_worth(
    code: str, name: str, rank: int, multiplier: str, discount: str, is_free: bool
) -> None:
    member = at_tier(code)
    found = standing(member_id=member.pk)
    assert (found.tier_code, found.tier_name, found.tier_rank) == (code, name, rank)
    assert (found.points_multiplier, found.discount) == (Decimal(multiplier), Decimal(discount))
    assert found.has_free_shipping is is_free
    assert (found.points_account, found.growth_account) == (member.points_account_id, member.growth_account_id)
    assert (found.number, found.nickname, found.status) == (member.number, member.nickname, "active")


def test_a_tier_without_benefits_is_worth_nothing_extra() -> None:
    member = at_tier("gold")
    Benefit.objects.all().delete()
    found = standing(member_id=member.pk)
    assert (found.points_multiplier, found.discount, found.has_free_shipping) == (Decimal(1), Decimal(1), False)


def test_any_number_of_standings_takes_one_query(django_assert_num_queries) -> None:
    ids = [at_tier("silver", phone=f"139{i:08d}").pk for i in range(5)]
    with django_assert_num_queries(1):
        assert set(standings(member_ids=[*ids, 10**12])) == set(ids)
    with django_assert_num_queries(1):
        standing(member_id=ids[0])


def test_nobody_has_no_standing() -> None:
    with pytest.raises(NotFound):
        standing(member_id=10**12)


def test_every_shop_starts_with_four_tiers() -> None:
    rows = Tier.objects.order_by("rank").values_list("code", "threshold", "art")
    assert list(rows) == [
        ("bronze", 0, "tier-bronze"),
        ("silver", 1000, "tier-silver"),
        ("gold", 5000, "tier-gold"),
        ("diamond", 20000, "tier-diamond"),
    ]


def test_a_ladder_that_the_merchant_changed_stays() -> None:
    Tier.objects.filter(code="gold").update(name="金卡", threshold=6000)
    ensure_defaults()
    assert Tier.objects.count() == 4
    assert Tier.objects.get(code="gold").threshold == 6000


@pytest.mark.parametrize(
    ("kind", "value", "constraint"),
    [
        ("points_multiplier", "0.5", "benefit_multiplier_range"),
        ("discount", "1.05", "benefit_discount_range"),
        ("free_shipping", None, "benefit_once_per_tier"),
    ],
)
def test_a_benefit_that_makes_no_sense_is_refused_by_the_database(
    kind: str, value: str | None, constraint: str
) -> None:
    tier = Tier.objects.get(code="gold")
    if kind != "free_shipping":
        Benefit.objects.filter(tier=tier, kind=kind).delete()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Benefit.objects.create(tier=tier, kind=kind, value=value, title="x")


def test_the_ladder_names_what_the_next_tier_adds() -> None:
    member = at_tier("gold")
    ladder = ladder_of(who=profile(member_id=member.pk), at=AT)
    assert (ladder.current.rung.code, ladder.next and ladder.next.rung.code, ladder.growth) == ("gold", "diamond", 5000)
    assert [(benefit.kind, benefit.title) for benefit in ladder.gained_next] == [
        ("points_multiplier", "2 倍积分"),
        ("discount", "95 折"),
    ]


def test_the_top_tier_gains_nothing_more() -> None:
    ladder = ladder_of(who=profile(member_id=at_tier("diamond").pk), at=AT)
    assert (ladder.next, ladder.gained_next, ladder.progress.percent) == (None, (), 100)


def test_assets_show_what_lapses_before_the_end_of_the_coming_month() -> None:
    member = a_member()
    account = member.points_account_id
    for days, points in ((10, 30), (10, 20), (40, 100), (80, 500)):
        ledger.earn(
            account=account,
            points=points,
            key=f"e{days}:{points}",
            source="x",
            at=AT,
            expires_at=AT + timedelta(days=days),
        )
    found = assets_of(who=profile(member_id=member.pk), at=AT)
    assert (found.points, found.lapsing_points, found.lapsing_at) == (650, 50, AT + timedelta(days=10))
    later = assets_of(who=profile(member_id=member.pk), at=AT + timedelta(days=11))
    assert (later.points, later.lapsing_points) == (600, 100)
    assert assets_of(who=profile(member_id=a_member(phone="13800000002").pk), at=AT).lapsing_at is None


@pytest.mark.parametrize("code", ["bronze", "silver", "gold", "diamond"])
def test_pages_show_the_standing_that_checkout_counts_with(code: str) -> None:
    member = at_tier(code)
    seen = signed_in(member_id=member.pk)
    assert seen is not None
    assert standing_on_pages(member=seen) == standing(member_id=member.pk)


def test_a_tier_that_is_newer_than_what_is_kept_counts_at_once(settings) -> None:
    settings.SHELF_SECONDS = 600
    forget_all()
    member = at_tier("gold")
    seen = signed_in(member_id=member.pk)
    assert seen is not None
    assert standing_on_pages(member=seen).tier_code == "gold"
    black = Tier.objects.create(code="black", name="黑金会员", rank=9, threshold=10**9)
    Member.objects.filter(pk=member.pk).update(tier=black)
    seen = signed_in(member_id=member.pk)
    assert seen is not None
    assert standing_on_pages(member=seen) == standing(member_id=member.pk)
    assert standing_on_pages(member=seen).tier_name == "黑金会员"
    forget_all()

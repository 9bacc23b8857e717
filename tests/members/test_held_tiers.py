"""What members see of their period: its last day, what keeps the tier, in growth and yuan, and what was used."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.core.time import SHANGHAI
from members.models import Benefit, Member, TierPeriod
from members.rules.periods import Qualification, Way, decided_on_since
from members.selectors.centre import ladder_of, profile
from members.selectors.periods import Held, held_ask
from members.services.benefit_uses import claim
from members.services.growth import post_growth
from members.values import benefit_tabs, tier_card_values, tier_rules
from points import ledger
from tests.members.factories import AT, a_member


def grown(growth: int, *, at: datetime = AT) -> Member:
    member = a_member(at=at)
    post_growth(member_id=member.pk, points=growth, key="g", source="order:1", at=at, cause="order:1")
    return Member.objects.get(pk=member.pk)


def held_by(member: Member, *, at: datetime = AT) -> Held:
    return held_ask(member_id=member.pk, growth_account=member.growth_account_id, at=at).answer()


def earn(member: Member, growth: int, *, at: datetime) -> None:
    post_growth(member_id=member.pk, points=growth, key=f"{at}", source="order:2", at=at, cause="order:2")


@pytest.mark.django_db
def test_the_card_says_when_the_tier_ends_and_what_keeps_it() -> None:
    member = grown(5000)
    later = AT + timedelta(days=10)
    earn(member, 1200, at=later)
    ladder = ladder_of(who=profile(member_id=member.pk), at=later)
    card = tier_card_values(ladder, held_by(member, at=later))
    assert (card["last_day"], card["missing_to_keep"], card["missing_to_keep_cents"]) == (
        date(2027, 11, 18),
        3800,
        380000,
    )
    assert (card["missing"], card["missing_cents"]) == (13800, 1380000)


@pytest.mark.django_db
def test_who_earned_enough_in_the_period_has_nothing_left_to_do() -> None:
    member = grown(5000)
    earn(member, 5000, at=AT + timedelta(days=1))
    held = held_by(member)
    assert held.missing_to_keep(ladder_of(who=profile(member_id=member.pk), at=AT).current.rung) == 0


@pytest.mark.django_db
def test_the_lowest_tier_and_a_tier_for_life_have_no_end() -> None:
    assert held_by(grown(10)).last_day is None
    with override_settings(POLICIES={"tier_qualification": "lifetime"}):
        member = Member.objects.get()
        earn(member, 5000, at=AT)
        assert held_by(member) == Held()
        assert tier_rules() == ["等级按累计成长值评定，达到后立即升级，长期有效。"]


@pytest.mark.django_db
def test_own_benefits_say_what_was_used_and_higher_ones_are_locked() -> None:
    Benefit.objects.filter(tier__code="gold", kind="free_shipping").update(value=2)
    member = grown(5000)
    claim(member_id=member.pk, kind="free_shipping", source="order:9", at=AT)
    tabs = benefit_tabs(ladder_of(who=profile(member_id=member.pk), at=AT), held_by(member))
    assert [(tab["name"], tab["is_own"], tab["is_locked"]) for tab in tabs] == [
        ("青铜", False, False),
        ("白银", False, False),
        ("黄金", True, False),
        ("钻石", False, True),
    ]
    shipping = next(perk for perk in tabs[2]["perks"] if perk["title"] == "全年包邮")
    assert (shipping["amount"], shipping["use"]) == ("每月 2 次", "本月已用 1 / 2 次")
    assert (tabs[3]["missing"], tabs[3]["missing_cents"]) == (15000, 1500000)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    qualification=st.sampled_from([Qualification.ROLLING, Qualification.CALENDAR_YEAR]),
    months=st.integers(1, 24),
    end=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    length=st.integers(1, 400),
    earned=st.lists(st.integers(0, 1200), min_size=1, max_size=4),
)
def test_the_question_counts_from_where_the_rules_do(
    qualification: Qualification, months: int, end: date, length: int, earned: list[int]
) -> None:
    ends_at = datetime(end.year, end.month, end.day, tzinfo=SHANGHAI)
    starts_at, way = ends_at - timedelta(days=length), Way(qualification=qualification, months=months)
    Member.objects.all().exists() or a_member()
    member = Member.objects.get()
    account = ledger.open_account(asset="growth")
    TierPeriod.objects.filter(member=member).delete()
    TierPeriod.objects.create(member=member, tier_id=member.tier_id, starts_at=starts_at, ends_at=ends_at)
    for place, days in enumerate(earned):
        at = ends_at - timedelta(days=days)
        ledger.earn(account=account, points=10**place, key=f"{place}", source="x", at=at)
    since = decided_on_since(ends_at=ends_at, way=way)
    assert since is not None
    counts = [10**place for place, days in enumerate(earned) if ends_at - timedelta(days=days) > min(since, starts_at)]
    with override_settings(POLICIES={"tier_qualification": qualification.value, "growth_window_months": months}):
        assert held_ask(member_id=member.pk, growth_account=account, at=AT).answer().growth == sum(counts)


@pytest.mark.django_db
def test_the_page_of_benefits_opens_another_tiers_tab(client: Client) -> None:
    member = grown(5000)
    assert member.user is not None
    client.force_login(member.user)
    own, diamond = client.get("/benefits/"), client.get("/benefits/?tier=diamond")
    assert own.context["tab"]["code"] == "gold"
    assert diamond.context["tab"]["code"] == "diamond"
    assert "黄金权益" in own.content.decode()
    assert "未达到则降一级" in own.content.decode()
    assert client.get("/benefits/?tier=nonsense").context["tab"]["code"] == "gold"

"""Tiers are held for periods; the end of one keeps the tier or lowers it by one, once."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from config.core.time import SHANGHAI
from config.outbox.models import Message
from members.events import TierChanged, TierExpiring
from members.models import Member, Tier, TierChange, TierPeriod
from members.services.growth import post_growth, reverse_growth
from members.services.periods import Decided, decide_next, open_missing, warn_next, warning_steps
from points import ledger
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db
END = datetime(2027, 11, 19, tzinfo=SHANGHAI)  # of a rolling period that begins at AT


def grown(growth: int, *, phone: str = "13800000001", at: datetime = AT) -> Member:
    member = a_member(phone=phone, at=at)
    earn(member, growth, at=at)
    return member


def earn(member: Member, growth: int, *, at: datetime) -> ledger.Entry:
    return post_growth(member_id=member.pk, points=growth, key=f"{at}", source="order:1", at=at, cause="order:1")


def tier_of(member: Member) -> str:
    return Member.objects.values_list("tier__code", flat=True).get(pk=member.pk)


def periods_of(member: Member) -> list[tuple[str, datetime, datetime, str]]:
    rows = TierPeriod.objects.filter(member=member).order_by("starts_at", "pk")
    return list(rows.values_list("tier__code", "starts_at", "ends_at", "outcome"))


def facts(name: str) -> list[dict[str, object]]:
    return list(Message.objects.filter(event=name).order_by("pk").values_list("payload", flat=True))


def test_reaching_a_tier_opens_a_period_of_twelve_months() -> None:
    assert periods_of(grown(5000)) == [("gold", AT, END, "")]


def test_who_stands_lowest_has_no_period() -> None:
    assert periods_of(grown(999)) == []


def test_a_move_up_ends_the_period_and_opens_another() -> None:
    member = grown(1000)
    later = AT + timedelta(days=40)
    earn(member, 4000, at=later)
    assert periods_of(member) == [
        ("silver", AT, END, "moved"),
        ("gold", later, datetime(2027, 12, 29, tzinfo=SHANGHAI), ""),
    ]


def test_growth_taken_back_ends_the_period_with_the_tier() -> None:
    member = a_member()
    entry = earn(member, 1000, at=AT)
    reverse_growth(member_id=member.pk, entry_id=entry.id, key="r", at=AT + timedelta(days=3), cause="refund:1")
    assert periods_of(member) == [("silver", AT, END, "moved")]
    assert tier_of(member) == "bronze"


def test_nobody_is_lowered_before_the_period_is_over() -> None:
    member = grown(5000)
    assert decide_next(at=END - timedelta(seconds=1), limit=10) == Decided(decided=0, lowered=0)
    assert tier_of(member) == "gold"


def test_the_end_lowers_by_one_tier_and_says_why() -> None:
    member = grown(20000)
    assert decide_next(at=END, limit=10) == Decided(decided=1, lowered=1)
    assert tier_of(member) == "gold"
    assert periods_of(member) == [
        ("diamond", AT, END, "lowered"),
        ("gold", END, datetime(2028, 11, 19, tzinfo=SHANGHAI), ""),
    ]
    change = TierChange.objects.order_by("pk").last()
    assert change is not None
    period = TierPeriod.objects.get(outcome="lowered")
    assert (change.old_tier.code, change.new_tier.code, change.growth, change.cause, change.at, change.period) == (
        *("diamond", "gold", 0, "period", END),
        period,
    )
    fact = TierChanged.from_payload(facts("members.TierChanged")[-1])
    assert fact == TierChanged(
        member_id=member.pk, old_tier_code="diamond", new_tier_code="gold", cause="period", at=END
    )
    assert Message.objects.order_by("pk").last().stream == f"member:{member.pk}"  # type: ignore[union-attr]


def test_one_end_makes_one_step_however_often_the_job_runs() -> None:
    member = grown(20000)
    for _ in range(3):
        decide_next(at=END + timedelta(days=1), limit=10)
    assert tier_of(member) == "gold"
    assert TierChange.objects.filter(cause="period").count() == 1


def test_the_database_refuses_a_second_step_of_one_period() -> None:
    member = grown(20000)
    decide_next(at=END, limit=10)
    change = TierChange.objects.get(cause="period")
    change.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        change.save()
    with pytest.raises(IntegrityError, match="tierperiod_one_open"), transaction.atomic():
        TierPeriod.objects.create(member=member, tier=change.new_tier, starts_at=AT, ends_at=END)


def test_the_lowest_tier_ends_the_story() -> None:
    member = grown(1000)
    assert decide_next(at=END, limit=10) == Decided(decided=1, lowered=1)
    assert (tier_of(member), periods_of(member)) == ("bronze", [("silver", AT, END, "lowered")])


@pytest.mark.parametrize(("growth", "outcome"), [(4999, "lowered"), (5000, "kept")])
def test_growth_of_the_period_keeps_the_tier(growth: int, outcome: str) -> None:
    member = grown(5000)
    earn(member, growth, at=AT + timedelta(days=100))
    decide_next(at=END, limit=10)
    assert periods_of(member)[0][3] == outcome
    assert len(periods_of(member)) == 2
    assert periods_of(member)[1][1] == END


def test_a_tier_may_be_kept_from_less_than_it_took() -> None:
    Tier.objects.filter(code="gold").update(retention_threshold=3000)
    member = grown(5000)
    earn(member, 3000, at=AT + timedelta(days=100))
    assert decide_next(at=END, limit=10) == Decided(decided=1, lowered=0)
    assert tier_of(member) == "gold"


def test_grace_waits_and_counts_what_comes_meanwhile() -> None:
    member = grown(5000)
    with override_settings(POLICIES={"tier_grace_days": 14}):
        assert decide_next(at=END + timedelta(days=13), limit=10).decided == 0
        earn(member, 5000, at=END + timedelta(days=13))
        assert decide_next(at=END + timedelta(days=14), limit=10) == Decided(decided=1, lowered=0)
    assert periods_of(member)[1][:3] == ("gold", END, datetime(2028, 11, 19, tzinfo=SHANGHAI))


def test_a_calendar_year_counts_its_own_growth_and_ends_at_new_year() -> None:
    new_year = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    with override_settings(POLICIES={"tier_qualification": "calendar_year"}):
        member = grown(5000)
        assert periods_of(member) == [("gold", AT, new_year, "")]
        decide_next(at=new_year, limit=10)
        assert periods_of(member)[1] == ("gold", new_year, datetime(2028, 1, 1, tzinfo=SHANGHAI), "")
        decide_next(at=datetime(2028, 1, 1, tzinfo=SHANGHAI), limit=10)
    assert tier_of(member) == "silver"


def test_a_tier_for_life_is_never_lost() -> None:
    with override_settings(POLICIES={"tier_qualification": "lifetime"}):
        member = grown(5000)
        assert periods_of(member) == []
        assert decide_next(at=END + timedelta(days=9999), limit=10).decided == 0
        assert open_missing(at=AT, after_member_id=0, limit=10).opened == 0
    assert tier_of(member) == "gold"


def test_who_has_no_period_gets_one_from_now_on() -> None:
    member, other = grown(5000), grown(10, phone="13800000002")
    TierPeriod.objects.all().delete()
    first = open_missing(at=AT, after_member_id=0, limit=1)
    assert (first.opened, first.last_member_id) == (1, member.pk)
    assert open_missing(at=AT, after_member_id=member.pk, limit=2).last_member_id is None
    assert open_missing(at=AT, after_member_id=0, limit=10).opened == 0
    assert (periods_of(member), periods_of(other)) == ([("gold", AT, END, "")], [])


def test_a_closed_members_period_just_ends() -> None:
    member = grown(5000)
    Member.objects.filter(pk=member.pk).update(status=Member.Status.CLOSED)
    assert decide_next(at=END, limit=10) == Decided(decided=1, lowered=0)
    assert periods_of(member) == [("gold", AT, END, "closed")]


def test_a_warning_says_what_is_missing_and_comes_once_per_step() -> None:
    member = grown(5000)
    earn(member, 1200, at=AT + timedelta(days=5))
    fine = grown(5000, phone="13800000002")
    earn(fine, 5000, at=AT + timedelta(days=5))
    assert warning_steps() == [7, 30]
    early, late = END - timedelta(days=30), END - timedelta(days=7)
    assert warn_next(at=early - timedelta(seconds=1), days=30, limit=10) == 0
    assert [warn_next(at=early, days=30, limit=10) for _ in range(2)] == [2, 0]
    assert [warn_next(at=late, days=days, limit=10) for days in (7, 30)] == [2, 0]
    told = [TierExpiring.from_payload(payload) for payload in facts("members.TierExpiring")]
    assert [(one.member_id, one.days, one.missing_growth, one.missing_cents) for one in told] == [
        (member.pk, 30, 3800, 380000),
        (member.pk, 7, 3800, 380000),
    ]
    assert (told[0].tier_name, told[0].lower_tier_name, f"{told[0].last_day}") == ("黄金会员", "白银会员", "2027-11-18")


def test_who_is_told_of_the_nearest_step_is_not_told_of_the_one_before() -> None:
    grown(5000)
    late = END - timedelta(days=6)
    assert [warn_next(at=late, days=days, limit=10) for days in warning_steps()] == [1, 0]
    assert [payload["days"] for payload in facts("members.TierExpiring")] == [7]


def test_a_chunk_takes_the_same_queries_for_one_member_as_for_many() -> None:
    counts = []
    for first, members in ((0, 2), (100, 12)):
        for number in range(members):
            grown(1000, phone=f"139{first + number:08d}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert decide_next(at=END, limit=100) == Decided(decided=members, lowered=members)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8

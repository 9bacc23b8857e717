"""Benefits that give something promise it once per member and period, and say so."""

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.core.time import SHANGHAI
from config.outbox.models import Message
from members.events import BenefitDue
from members.models import Benefit, Entitlement, Member, Tier
from members.services.gifts import promise_birthdays, promise_monthly, promise_tier_up
from members.services.growth import post_growth, reverse_growth
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db


def benefit(tier: str, kind: str, title: str) -> None:
    Benefit.objects.filter(tier__code=tier, kind=kind).delete()
    Benefit.objects.create(tier=Tier.objects.get(code=tier), kind=kind, title=title)


def grown(growth: int, *, phone: str = "13800000001", birthday: str = "") -> Member:
    member = a_member(phone=phone)
    Member.objects.filter(pk=member.pk).update(birthday_month_day=birthday)
    if growth:
        post_growth(member_id=member.pk, points=growth, key="g", source="order:1", at=AT, cause="order:1")
    return member


def due() -> list[BenefitDue]:
    rows = Message.objects.filter(event="members.BenefitDue").order_by("pk").values_list("payload", flat=True)
    return [BenefitDue.from_payload(payload) for payload in rows]


def monthly(at: datetime, *, after: int = 0, limit: int = 100) -> tuple[int, int | None]:
    chunk = promise_monthly(at=at, after_member_id=after, limit=limit)
    return chunk.promised, chunk.last_member_id


def test_the_months_pack_is_promised_to_the_tiers_that_have_it_once_a_month() -> None:
    benefit("gold", "monthly_coupons", "黄金月度券包")
    gold, _ = grown(5000), grown(1000, phone="13800000002")
    assert [monthly(AT), monthly(AT + timedelta(days=12))] == [(1, None), (0, None)]
    december = datetime(2026, 12, 1, tzinfo=SHANGHAI)
    assert monthly(december) == (1, None)
    assert due() == [
        BenefitDue(
            member_id=gold.pk,
            kind="monthly_coupons",
            origin="tier",
            granted_by="gold",
            title="黄金月度券包",
            period=period,
            at=at,
        )
        for period, at in (("2026-11", AT), ("2026-12", december))
    ]
    assert Entitlement.objects.count() == 2


def test_a_killed_run_goes_on_where_nobody_was_promised_yet() -> None:
    benefit("silver", "monthly_coupons", "券包")
    members = [grown(1000, phone=f"1390000000{number}") for number in range(5)]
    assert monthly(AT, limit=2) == (2, members[1].pk)
    with transaction.atomic():
        assert monthly(AT, after=members[1].pk, limit=2) == (2, members[3].pk)
        transaction.set_rollback(True)
    assert monthly(AT) == (3, None)
    assert sorted(one.member_id for one in due()) == [member.pk for member in members]


def test_frozen_and_closed_members_are_promised_nothing() -> None:
    benefit("silver", "monthly_coupons", "券包")
    for number, status in enumerate(("frozen", "closed")):
        Member.objects.filter(pk=grown(1000, phone=f"1390000000{number}").pk).update(status=status)
    assert monthly(AT) == (0, None)


def test_a_birthday_gift_comes_once_a_year_and_on_the_28th_in_common_years() -> None:
    benefit("silver", "birthday_gift", "生日礼")
    member = grown(1000, birthday="0229")
    days = [
        datetime(year, 2, day, 8, tzinfo=SHANGHAI) for year, day in ((2027, 27), (2027, 28), (2027, 28), (2028, 28))
    ]
    days.append(datetime(2028, 2, 29, 8, tzinfo=SHANGHAI))
    promised = [promise_birthdays(at=day, after_member_id=0, limit=10).promised for day in days]
    assert promised == [0, 1, 0, 0, 1]
    assert [(one.member_id, one.period, one.title) for one in due()] == [
        (member.pk, "2027", "生日礼"),
        (member.pk, "2028", "生日礼"),
    ]


def test_a_lunar_birthday_brings_a_gift_in_every_lunar_year() -> None:
    benefit("silver", "birthday_gift", "生日礼")
    member = grown(1000, birthday="1120")
    Member.objects.filter(pk=member.pk).update(birthday_calendar="lunar")
    # 农历十一月二十 falls into 2026 twice, and neither into 2025 nor into 2027 by its own year's name alone
    days = [(2024, 12, 20), (2026, 1, 8), (2026, 1, 8), (2026, 12, 28), (2027, 12, 17)]
    moments = [datetime(*day, 8, tzinfo=SHANGHAI) for day in days]
    assert [promise_birthdays(at=at, after_member_id=0, limit=10).promised for at in moments] == [1, 1, 0, 1, 1]
    assert [one.period for one in due()] == ["2024", "2025", "2026", "2027"]


def test_reaching_a_tier_brings_its_gift_once_in_a_life() -> None:
    benefit("silver", "tier_up_gift", "白银礼")
    benefit("gold", "tier_up_gift", "黄金礼")
    member = a_member()
    for number in (1, 2):
        key = f"order:{number}"
        entry = post_growth(member_id=member.pk, points=5000, key=key, source=key, at=AT, cause=key)
        reverse_growth(member_id=member.pk, entry_id=entry.id, key=f"{key}:r", at=AT, cause="refund:1")
    assert [(one.granted_by, one.title, one.period) for one in due()] == [("gold", "黄金礼", "tier:gold")]


def test_going_down_brings_no_gift() -> None:
    benefit("silver", "tier_up_gift", "白银礼")
    member = a_member()
    entry = post_growth(member_id=member.pk, points=5000, key="g", source="order:1", at=AT, cause="order:1")
    reverse_growth(member_id=member.pk, entry_id=entry.id, key="r", at=AT, cause="refund:1", points=1)
    assert Member.objects.get(pk=member.pk).tier.code == "silver"
    assert due() == []


def test_a_chunk_takes_the_same_queries_for_one_member_as_for_many() -> None:
    benefit("silver", "monthly_coupons", "券包")
    counts = []
    for first, members in ((0, 1), (10, 9)):
        for number in range(members):
            grown(1000, phone=f"139000000{first + number:02}")
        with CaptureQueriesContext(connection) as queries:
            assert monthly(AT)[0] == members
        counts.append(len(queries))
    assert counts == [2, 2]


def test_the_gift_of_a_tier_with_the_longest_code_is_promised() -> None:
    Tier.objects.filter(code="silver").update(code="s" * 50)
    Benefit.objects.create(tier=Tier.objects.get(code="s" * 50), kind="tier_up_gift", title="升级礼", value=30)
    grown(1000)
    assert [(one.granted_by, one.period, one.points) for one in due()] == [("s" * 50, f"tier:{'s' * 50}", 30)]
    assert Entitlement.objects.get().period == f"tier:{'s' * 50}"


def test_what_a_gift_gives_is_told_with_it() -> None:
    Benefit.objects.filter(kind="birthday_gift").update(value=200)
    Benefit.objects.filter(tier__code="silver", kind="birthday_gift").update(value=None)
    day = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)
    grown(5000, birthday="1118")
    grown(1000, phone="13800000002", birthday="1118")
    assert promise_birthdays(at=day, after_member_id=0, limit=10).promised == 2
    assert sorted((one.granted_by, one.points) for one in due()) == [("gold", 200), ("silver", 0)]


def test_tiers_whose_long_codes_begin_alike_promise_their_gifts_each() -> None:
    first, second = Tier.objects.get(code="silver"), Tier.objects.get(code="gold")
    for tier, end in ((first, "a"), (second, "b")):
        Tier.objects.filter(pk=tier.pk).update(code=f"{'x' * 49}{end}")
        Benefit.objects.filter(tier=tier, kind="tier_up_gift").delete()
        Benefit.objects.create(tier=tier, kind="tier_up_gift", title="升级礼")
    member = grown(0)
    for tier in (first, second):
        assert promise_tier_up(member_ids=[member.pk], tier_id=tier.pk, at=AT) == 1
        assert promise_tier_up(member_ids=[member.pk], tier_id=tier.pk, at=AT) == 0
    assert [fact.period for fact in due()] == [f"tier:{'x' * 49}a", f"tier:{'x' * 49}b"]

"""The statement in words."""

from datetime import date, datetime, timedelta

import pytest

from config.core.errors import NotFound
from config.core.time import SHANGHAI, month_end
from members.models import Member
from members.rules.statement import last_day, wording
from members.selectors.statement import entry_in_words, statement
from points import ledger
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> int:
    """Earned 300 + 100, spent 150 of it and got 50 back, held 40, then lost 200 of the first earning to a refund."""
    account = a_member().points_account_id
    first = ledger.earn(
        account=account, points=300, key="order:1:points", source="order:1", at=AT, expires_at=AT + timedelta(days=30)
    )
    ledger.earn(
        account=account, points=100, key="checkin:1:d", source="checkin:1", at=AT, expires_at=AT + timedelta(days=60)
    )
    spend = ledger.spend(account=account, points=150, key="order:2:spend", source="order:2", at=AT)
    ledger.reverse(entry=spend.id, key="refund:1:back", at=AT, points=50)
    ledger.hold(account=account, points=40, key="order:3:hold", source="order:3", until=AT + timedelta(hours=1), at=AT)
    ledger.reverse(entry=first.id, key="refund:2:points", at=AT, points=200)
    return account


def titles(account: int, direction: str = "all") -> list[tuple[str, int, int]]:
    page = statement(account=account, direction=direction)  # type: ignore[arg-type]
    return [(row.title, row.points, row.spendable_after) for row in page.rows]


def test_entries_read_in_words_newest_first(account: int) -> None:
    assert titles(account) == [
        ("退款扣回", -200, 60),
        ("下单使用", -40, 260),
        ("退回积分", 50, 300),
        ("积分兑换", -150, 250),
        ("每日签到", 100, 400),
        ("消费得积分", 300, 300),
    ]


def test_the_tabs_part_what_came_from_what_went(account: int) -> None:
    assert [title for title, _, _ in titles(account, "earned")] == ["退回积分", "每日签到", "消费得积分"]
    assert [title for title, _, _ in titles(account, "spent")] == ["退款扣回", "下单使用", "积分兑换"]
    assert titles(account, "lapsed") == []


def test_what_lapsed_has_its_own_tab(account: int) -> None:
    ledger.expire(at=AT + timedelta(days=61), limit=100)
    assert {title for title, _, _ in titles(account, "lapsed")} == {"积分到期"}
    assert sum(points for _, points, _ in titles(account, "lapsed")) == -60


def test_a_hold_tells_how_it_stands(account: int) -> None:
    open_hold = next(row for row in statement(account=account).rows if row.kind == "hold")
    assert open_hold.note == "待付款"


def test_a_clawback_of_spent_points_says_what_is_owed() -> None:
    account = a_member().points_account_id
    earned = ledger.earn(account=account, points=100, key="e", source="order:1", at=AT)
    ledger.spend(account=account, points=100, key="s", source="order:2", at=AT)
    clawback = ledger.reverse(entry=earned.id, key="r", at=AT)
    row = statement(account=account).rows[0]
    assert (row.title, row.points, row.owed, row.note) == ("退款扣回", 0, 100, "另有 100 分待抵扣")
    detail = entry_in_words(account=account, entry_id=clawback.id)
    assert (detail.row.owed, detail.receipt_entry_id) == (100, earned.id)


@pytest.mark.parametrize(
    ("kind", "source", "title"),
    [
        ("earn", "order:1", "消费得积分"),
        ("earn", "checkin:1:2026-11-18", "每日签到"),
        ("earn", "member:1", "新会员礼"),
        ("earn", "birthday:1:2026", "生日礼"),
        ("earn", "whatever", "活动赠送"),
        ("adjust", "staff:1", "人工调整"),
        ("expire", "order:1", "积分到期"),
        ("repay", "order:1", "抵扣欠分"),
        ("release", "order:1", "未付款退回"),
        ("kind of tomorrow", "", "积分变动"),
    ],
)
def test_every_kind_has_a_title(kind: str, source: str, title: str) -> None:
    assert wording(kind=kind, source=source).title == title


def test_pages_follow_each_other_without_gap_or_repeat(account: int) -> None:
    whole = [row.id for row in statement(account=account).rows]
    first = statement(account=account, limit=4)
    rest = statement(account=account, before=first.next_before, limit=4)
    assert [row.id for row in (*first.rows, *rest.rows)] == whole
    assert (first.next_before, rest.next_before) == (whole[3], None)


def test_a_full_last_page_promises_no_more(account: int) -> None:
    assert statement(account=account, limit=6).next_before is None


def test_a_spend_names_the_lots_it_drew_on(account: int) -> None:
    spend = next(row for row in statement(account=account).rows if row.title == "积分兑换")
    detail = entry_in_words(account=account, entry_id=spend.id)
    assert [(draw.points, draw.earned_at, draw.expires_at) for draw in detail.draws] == [
        (-150, AT, AT + timedelta(days=30))
    ]
    assert (detail.lots, detail.receipt_entry_id) == ((), None)


def test_an_earning_names_what_is_left_and_its_receipt(account: int) -> None:
    earned = statement(account=account).rows[-1]
    detail = entry_in_words(account=account, entry_id=earned.id)
    assert [(lot.points, lot.remaining, lot.expires_at) for lot in detail.lots] == [(300, 0, AT + timedelta(days=30))]
    assert detail.receipt_entry_id == earned.id


def test_anothers_entry_is_not_found(account: int) -> None:
    other: Member = a_member(phone="13800000002")
    entry_id = statement(account=account).rows[0].id
    with pytest.raises(NotFound):
        entry_in_words(account=other.points_account_id, entry_id=entry_id)


def test_points_that_expire_with_a_month_are_good_through_its_last_day() -> None:
    assert last_day(month_end(date(2026, 11, 18))) == date(2026, 11, 30)
    assert last_day(datetime(2026, 11, 18, 12, tzinfo=SHANGHAI)) == date(2026, 11, 18)

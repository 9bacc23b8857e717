"""Page blocks about the member."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from config.core.blocks import Placement, Viewer, render_plan
from members.blocks import KINDS
from members.models import Member
from members.services.growth import post_growth
from points import ledger
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db
PLAN = [Placement(id=number, kind=kind.kind, config={}) for number, kind in enumerate(KINDS, start=1)]


@pytest.fixture
def member() -> Member:
    """A silver member with 250 points, 50 of which lapse soon."""
    member = a_member(nickname="周一诺")
    post_growth(member_id=member.pk, points=2000, key="g", source="order:1", at=AT, cause="order:1")
    for points, days in ((50, 10), (200, 300)):
        ledger.earn(
            account=member.points_account_id,
            points=points,
            key=f"e{days}",
            source="order:1",
            at=AT,
            expires_at=AT + timedelta(days=days),
        )
    return member


def shown(viewer: Viewer) -> dict[str, dict]:
    return {block.kind: dict(block.values) for block in render_plan(PLAN, viewer)}


def test_the_tier_card_shows_where_one_stands_and_what_is_missing(member: Member) -> None:
    card = shown(Viewer(member_id=member.pk, at=AT))["tier_card"]
    assert (card["nickname"], card["number"], card["phone"]) == ("周一诺", member.number, "138****0001")
    assert card["card"] == {
        "last_day": date(2027, 11, 18),
        "missing_to_keep": 1000,
        "missing_to_keep_cents": 100000,
        "missing_cents": 300000,
        "name": "白银会员",
        "rank": 2,
        "art": "tier-silver",
        "skin": "t2",
        "growth": 2000,
        "percent": 25,
        "next_name": "黄金会员",
        "next_threshold": 5000,
        "missing": 3000,
        "steps": [
            {"name": "青铜", "state": "on"},
            {"name": "白银", "state": "now"},
            {"name": "黄金", "state": ""},
            {"name": "钻石", "state": ""},
        ],
    }


def test_assets_show_points_what_lapses_and_growth(member: Member) -> None:
    assets = shown(Viewer(member_id=member.pk, at=AT))["assets"]
    assert (assets["points"], assets["lapsing_points"], assets["growth"], assets["held"]) == (250, 50, 2000, 0)
    assert assets["lapsing_day"].isoformat() == "2026-11-28"


def test_benefits_show_the_own_ones_and_what_the_next_tier_unlocks(member: Member) -> None:
    benefits = shown(Viewer(member_id=member.pk, at=AT))["benefits"]
    assert (benefits["tier_name"], benefits["count"]) == ("白银会员", 2)
    assert [(perk["title"], perk["subtitle"], perk["is_locked"]) for perk in benefits["perks"]] == [
        ("1.2 倍积分", "消费返积分", False),
        ("生日礼", "生日当天送积分", False),
        ("1.5 倍积分", "黄金会员解锁", True),
        ("全年包邮", "黄金会员解锁", True),
    ]


def test_a_visitor_sees_only_an_invitation() -> None:
    assert shown(Viewer(member_id=None, at=AT)) == {"member_strip": {"is_guest": True, "login_url": "/login/"}}


def test_all_four_together_take_four_queries_and_render_without_any(member: Member, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):
        blocks = render_plan(PLAN, Viewer(member_id=member.pk, at=AT))
    with django_assert_num_queries(0):
        pages = [render_to_string(block.template, {"values": block.values}) for block in blocks]
    assert '再得 <b class="num">3,000</b> 成长值（约 ¥3,000）升级黄金会员' in pages[0]
    assert "250 积分可用 · 差 3,000 升黄金会员" in pages[3]


def test_a_later_look_sees_what_changed_meanwhile(member: Member) -> None:
    first = shown(Viewer(member_id=member.pk, at=AT))["assets"]["points"]
    ledger.spend(account=member.points_account_id, points=100, key="s", source="order:2", at=AT)
    assert (first, shown(Viewer(member_id=member.pk, at=AT))["assets"]["points"]) == (250, 150)


def test_the_top_tier_is_told_so(member: Member) -> None:
    post_growth(member_id=member.pk, points=20000, key="g2", source="order:2", at=AT, cause="order:2")
    block = render_plan(PLAN[:1], Viewer(member_id=member.pk, at=AT))[0]
    assert "已是最高等级" in render_to_string(block.template, {"values": block.values})

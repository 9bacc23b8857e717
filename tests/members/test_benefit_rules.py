"""What kinds of benefits there are, and what several of them amount to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.benefits import (
    KINDS,
    Effects,
    Kind,
    Terms,
    combine,
    gift_points,
    kind_choices,
    words,
    wrong_value,
)


def of(kind: str, value: str | None = None, origin: str = "tier", title: str = "") -> Terms:
    return Terms(kind=kind, value=None if value is None else Decimal(value), origin=origin, title=title)


def test_every_kind_is_registered_and_offered_under_a_title_of_its_own() -> None:
    assert {kind for kind, _ in kind_choices()} == set(Kind) == set(KINDS)
    assert len({title for _, title in kind_choices()}) == len(Kind)


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("points_multiplier", "1", None),
        ("points_multiplier", "0.99", "积分倍数为 1 到 100，例如 1.5"),
        ("points_multiplier", None, "积分倍数为 1 到 100，例如 1.5"),
        ("discount", "0.88", None),
        ("discount", "1.01", "会员折扣为 0.01 到 1，例如 0.95 表示 95 折"),
        ("free_shipping", None, None),
        ("free_shipping", "2", None),
        ("free_shipping", "2.5", "每月包邮次数为 1 到 999 的整数，不填为不限次"),
        ("free_shipping", "0", "每月包邮次数为 1 到 999 的整数，不填为不限次"),
        ("early_access", None, "提前购的小时数为 1 到 720 的整数，例如 24"),
        ("early_access", "721", "提前购的小时数为 1 到 720 的整数，例如 24"),
        ("birthday_gift", "200", None),
        ("birthday_gift", "0.5", "赠送积分为 1 到 100,000 的整数；由活动发放的留空"),
        ("welcome_gift", "100001", "赠送积分为 1 到 100,000 的整数；由活动发放的留空"),
        ("monthly_coupons", "3", "「每月券包」不需要数值，请留空"),
        ("birthday_gift", None, None),
        ("flying_carpet", None, "未知的权益类型"),
    ],
)
def test_a_value_fits_its_kind_or_is_told_what_would(kind: str, value: str | None, sentence: str | None) -> None:
    assert wrong_value(kind=kind, value=None if value is None else Decimal(value)) == sentence


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("points_multiplier", "1.50", "1.5 倍"),
        ("discount", "0.90", "9 折"),
        ("discount", "0.95", "95 折"),
        ("discount", "1", "100 折"),
        ("free_shipping", "2.00", "每月 2 次"),
        ("free_shipping", None, "不限次"),
        ("early_access", "24", "提前 24 小时"),
        ("free_returns", None, ""),
        ("tier_up_gift", "1200.00", "1,200 积分"),
        ("birthday_gift", None, ""),
        ("monthly_coupons", None, "优惠券上线后发放"),
    ],
)
def test_members_read_how_much_it_is(kind: str, value: str | None, text: str) -> None:
    assert words(kind=kind, value=None if value is None else Decimal(value)) == text


def test_of_tier_and_plan_the_better_of_each_counts() -> None:
    tier = [of("points_multiplier", "1.5"), of("discount", "0.95"), of("free_shipping", "2"), of("early_access", "24")]
    plan = [
        of("points_multiplier", "1.2", "plan"),
        of("discount", "0.9", "plan"),
        of("free_shipping", None, "plan"),
        of("early_access", "12", "plan"),
        of("free_returns", None, "plan"),
    ]
    effects = combine([*tier, *plan])
    assert effects.points_multiplier == Decimal("1.5")
    assert effects.discount == Decimal("0.9")
    assert effects.left(kind="free_shipping", used=99) is None
    assert effects.early_access_hours == 24
    assert effects.has("free_returns")
    assert not effects.has("priority_shipping")


def test_multipliers_multiply_only_when_the_shop_says_so() -> None:
    terms = [of("points_multiplier", "1.5"), of("points_multiplier", "2", "plan")]
    assert combine(terms).points_multiplier == 2
    assert combine(terms, multiply=True).points_multiplier == 3


def test_other_benefits_stand_beside_each_other() -> None:
    effects = combine(
        [of("other", title="停车"), of("other", None, "plan", "贵宾室"), of("other", None, "plan", "停车")]
    )
    assert [one.title for one in effects.terms] == ["停车", "贵宾室"]


def test_what_is_left_of_the_month_ends_at_zero() -> None:
    effects = combine([of("free_shipping", "2")])
    assert [effects.left(kind="free_shipping", used=used) for used in (0, 1, 2, 3)] == [2, 1, 0, 0]
    assert Effects().left(kind="free_shipping", used=0) == 0


VALUES = {
    "points_multiplier": st.decimals("1", "10", places=2),
    "discount": st.decimals("0.1", "1", places=2),
    "free_shipping": st.none() | st.integers(1, 9).map(Decimal),
    "free_returns": st.none(),
}
BENEFITS = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda kind: st.builds(
            Terms, kind=st.just(kind), value=VALUES[kind], origin=st.sampled_from(["tier", "plan"]), title=st.just("")
        )
    ),
    max_size=8,
)


@given(terms=BENEFITS, more=BENEFITS, multiply=st.booleans())
def test_more_benefits_never_make_anything_worse_and_order_changes_nothing(
    terms: list[Terms], more: list[Terms], multiply: bool
) -> None:
    one, all_of = combine(terms, multiply=multiply), combine([*terms, *more], multiply=multiply)
    assert all_of.points_multiplier >= one.points_multiplier >= 1
    assert all_of.discount <= one.discount <= 1
    left, left_of_all = (each.left(kind="free_shipping", used=0) for each in (one, all_of))
    assert left_of_all is None or (left is not None and left_of_all >= left)
    turned = combine([*more, *terms][::-1], multiply=multiply)
    assert (turned.points_multiplier, turned.discount) == (all_of.points_multiplier, all_of.discount)
    assert {one.kind for one in turned.terms} == {one.kind for one in all_of.terms}


def test_a_gift_with_points_is_better_than_one_that_campaigns_give() -> None:
    with_points, without = of("birthday_gift", "200"), of("birthday_gift", None, "plan")
    for terms in ([with_points, without], [without, with_points]):
        assert combine(terms).value_of("birthday_gift") == 200


def test_what_nothing_delivers_yet_says_so_instead_of_the_merchants_words() -> None:
    terms = Terms(kind="monthly_coupons", title="券包", subtitle="每月 1 日到账")
    assert (terms.note, Terms(kind="free_returns", subtitle="七天").note) == ("优惠券上线后发放", "七天")


def test_only_gifts_have_points_of_their_own() -> None:
    values = {"birthday_gift": "200", "welcome_gift": None, "points_multiplier": "2", "monthly_coupons": None}
    found = {kind: gift_points(kind=kind, value=of(kind, value).value) for kind, value in values.items()}
    assert found == {"birthday_gift": 200, "welcome_gift": 0, "points_multiplier": 0, "monthly_coupons": 0}

"""The preview under a campaign's form: the engine's own answer for what is typed, before anything is saved."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Receipt
from campaigns.services.granting import grant_for_order
from campaigns.services.presets import install_presets
from points.models import Entry
from tests.admin.conftest import ClientWith
from tests.admin.full_shop import with_phone
from tests.campaigns.rows import a_campaign
from tests.mall.builders import AT, LATER, a_buyer, a_paid_order, a_sku, receive, ship

PREVIEW = "/admin/campaigns/campaign/preview/"
FORM = {
    "name": "双十一",
    "code": "double-eleven",
    "trigger": "order_completed",
    "stacking": "best",
    "position": "5",
}
WEDNESDAY = "2026-10-14T12:00"
SITUATION = {
    "preview-tier": "bronze",
    "preview-at": WEDNESDAY,
    "preview-channel": "h5",
    "preview-amount_cents": "199.00",
    "preview-points_price": "1000",
    "preview-streak": "7",
}


def tried(client: Client, url: str = PREVIEW, **fields: Any) -> Any:
    return client.post(url, {**FORM, **SITUATION, **fields})


def sums(response: Any) -> dict[str, int]:
    return {one.asset: one.total for one in response.context["preview"].sums}


@pytest.fixture
def presets() -> None:
    """The shop's own campaigns are live."""
    with transaction.atomic():
        install_presets(at=AT, live_from=AT.replace(year=AT.year - 1))


def test_an_unsaved_campaign_counts_together_with_the_live_ones(owner: Client, presets: None) -> None:
    response = tried(owner, fixed_points="100")
    alone = tried(owner, fixed_points="100", amount_at_least="500")
    assert sums(response)["points"] == sums(alone)["points"] + 100
    assert "本活动生效" in response.content.decode()
    assert not Campaign.objects.filter(code="double-eleven").exists()


def test_the_preview_is_what_the_order_then_earns(owner: Client, presets: None) -> None:
    member = with_phone(a_buyer(tier="gold"))
    sku = a_sku(price_cents=19900)
    order = a_paid_order(member, (sku, 1))
    ship(order.pk)
    receive(order.pk)
    with transaction.atomic():
        grant_for_order(order_id=order.pk, at=LATER)
    receipt = Receipt.objects.get()
    campaign = Campaign.objects.get(code=Receipt.objects.get().grants.first().campaign.code)  # type: ignore[union-attr]
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    form = owner.get(page).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in typed.items() if value not in (None, "", []) and name != "starts_at"}
    when = f"{receipt.at.astimezone():%Y-%m-%dT%H:%M}"
    response = owner.post(
        f"{PREVIEW}?campaign={campaign.pk}",
        {
            **data,
            **SITUATION,
            "preview-member": "5678",
            "preview-at": when,
            "preview-amount_cents": f"{receipt.base_cents / 100:.2f}",
        },
    )
    assert sums(response) == {"points": receipt.points, "growth": receipt.growth}
    steps = [step.text for one in response.context["preview"].sums for step in one.steps]
    kept = [step["text"] for step in receipt.steps if step["kind"] not in {"rounding", "total"}]
    assert sorted(steps) == sorted(kept)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"tiers": ["gold"], "fixed_points": "10"}, "黄金会员"),
        ({"channels": ["pos"], "fixed_points": "10"}, "门店收银"),
        ({"weekdays": ["6"], "fixed_points": "10"}, "周六"),
        ({"ends_at_0": "2026-01-01", "ends_at_1": "00:00", "fixed_points": "10"}, "所选时间不在活动的开始和结束之间"),
        ({"fixed_points": "10", "preview-amount_cents": "0"}, "没有用现金支付的商品金额"),
    ],
)
def test_it_says_why_not(owner: Client, fields: dict[str, Any], why: str) -> None:
    text = tried(owner, **fields).content.decode()
    assert "本活动不生效" in text
    assert why in text


def test_a_basket_shows_what_is_taken_off(owner: Client) -> None:
    basket = {"trigger": "basket", "money_off": "20", "amount_at_least": "100"}
    assert tried(owner, **basket).context["preview"].offs == (("双十一", "-¥20.00"),)
    redemption = {"trigger": "redemption_basket", "points_price_zhe": "8"}
    assert tried(owner, **redemption).context["preview"].offs == (("双十一", "-200 积分"),)


def test_a_better_live_campaign_of_the_same_kind_beats_it(owner: Client) -> None:
    a_campaign(name="满减三十", trigger="basket", effects=[{"kind": "money_off", "cents": 3000}])
    response = tried(owner, trigger="basket", money_off="20")
    assert response.context["preview"].offs == (("满减三十", "-¥30.00"),)
    assert "同类活动里有更优惠的" in response.content.decode()
    added = tried(owner, trigger="basket", money_off="20", stacking="add")
    assert added.context["preview"].offs == (("满减三十", "-¥30.00"), ("双十一", "-¥20.00"))


def test_a_check_in_counts_the_days(owner: Client) -> None:
    check_in = {"trigger": "checked_in", "fixed_points": "10", "streak_days": "7"}
    assert sums(tried(owner, **check_in)) == {"points": 10}
    assert sums(tried(owner, **check_in, **{"preview-streak": "6"})) == {}


def test_what_is_wrong_with_the_form_is_listed(owner: Client) -> None:
    text = tried(owner, name="").content.decode()
    assert "上面的活动还没填好" in text
    assert "名称" in text


def test_a_member_is_found_by_number_or_by_the_end_of_the_phone(owner: Client) -> None:
    one, two = with_phone(a_buyer(), "13912345678"), with_phone(a_buyer(tier="gold"), "13812345678")
    several = tried(owner, fixed_points="1", **{"preview-member": "5678"}).content.decode()
    assert one.number in several
    assert two.number in several
    found = tried(owner, fixed_points="1", **{"preview-member": two.number})
    assert found.context["whose"] == "小杉（黄金会员）"
    assert "没有这位会员" in tried(owner, fixed_points="1", **{"preview-member": "0000"}).content.decode()


def test_nothing_is_written(owner: Client, presets: None) -> None:
    before = (Campaign.objects.count(), Receipt.objects.count(), Entry.objects.count())
    tried(owner, fixed_points="100")
    assert (Campaign.objects.count(), Receipt.objects.count(), Entry.objects.count()) == before


def test_only_who_may_save_tries_out_and_members_stay_with_who_may_see_them(staff_with: ClientWith) -> None:
    with_phone(a_buyer())
    assert tried(staff_with("campaigns.view_campaign"), fixed_points="1").status_code == 403
    assert staff_with("campaigns.add_campaign").get(PREVIEW).status_code == 403
    marketer = staff_with("campaigns.add_campaign", "campaigns.view_campaign")
    page = marketer.get(reverse("admin:campaigns_campaign_add"))
    assert "member" not in page.context["preview_form"].fields
    response = tried(marketer, fixed_points="1", **{"preview-member": "5678"})
    assert response.context["whose"] == "任一青铜会员"


def test_a_campaign_that_is_not_there_is_refused(owner: Client) -> None:
    assert tried(owner, f"{PREVIEW}?campaign=987654", fixed_points="1").status_code == 403

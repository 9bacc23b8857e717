"""The merchant sets campaigns up without JSON, reads each as one sentence, and finds every grant."""

import pytest
from django.db import transaction
from django.urls import reverse

from campaigns.models import Campaign, CheckIn, Receipt
from campaigns.services.check_in import check_in
from campaigns.services.granting import grant_for_order
from members.models import User
from tests.campaigns.cases import WEDNESDAY
from tests.campaigns.rows import a_campaign, a_member, an_order, presets_installed, versions_of

pytestmark = pytest.mark.django_db
BLANK = {
    "name": "双十一",
    "code": "double-eleven",
    "description": "",
    "trigger": "order_completed",
    "stacking": "best",
    "position": "5",
    "starts_at_0": "",
    "starts_at_1": "",
    "ends_at_0": "",
    "ends_at_1": "",
    "versions-TOTAL_FORMS": "0",
    "versions-INITIAL_FORMS": "0",
}

SENT = {"_form_submitted": "on"}


@pytest.fixture
def boss(client):
    client.force_login(User.objects.create_superuser("boss", password="boss-password-1"))
    return client


def add(boss, **fields):
    return boss.post(reverse("admin:campaigns_campaign_add"), {**BLANK, **fields})


def errors_of(answer) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


def test_a_campaign_is_made_from_typed_inputs(boss):
    answer = add(
        boss,
        amount_at_least="500",
        tiers=["gold", "diamond"],
        channels=["h5"],
        weekdays=["6", "7"],
        month_days="15、1",
        first_day="2026-11-01",
        last_day="2026-11-12",
        multiplier="2.5",
        fixed_points="100",
        starts_at_0="2026-11-01",
        starts_at_1="00:00",
    )
    assert answer.status_code == 302
    campaign = Campaign.objects.get()
    assert campaign.conditions == [
        {"kind": "amount_at_least", "cents": 50000},
        {"kind": "tier_in", "tiers": ["gold", "diamond"]},
        {"kind": "channel_in", "channels": ["h5"]},
        {"kind": "weekday_in", "weekdays": [6, 7]},
        {"kind": "month_day_in", "days": [1, 15]},
        {"kind": "date_window", "first": "2026-11-01", "last": "2026-11-12"},
    ]
    assert campaign.effects == [{"kind": "multiplier", "factor": "2.5"}, {"kind": "fixed_points", "points": 100}]
    assert (campaign.status, str(campaign.starts_at)) == ("draft", "2026-10-31 16:00:00+00:00")
    assert versions_of(campaign) == []


def test_a_live_campaigns_form_shows_what_is_stored_and_an_edit_makes_a_version(boss):
    campaign = a_campaign(
        code="double-eleven",
        conditions=[{"kind": "amount_at_least", "cents": 12345}, {"kind": "month_day_in", "days": [1, 15]}],
        effects=[{"kind": "points_per_yuan", "points": "1.5"}],
    )
    url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = boss.get(url)
    text = page.content.decode()
    assert "满 123.45 元，每月 1、15 日（按付款时间），订单完成后，每消费 1 元得 1.5 积分；同类活动取最优。" in text
    form = page.context["adminform"].form
    shown = {name: form[name].value() for name in ("amount_at_least", "month_days", "points_per_yuan")}
    assert [str(value) for value in shown.values()] == ["123.45", "1, 15", "1.5"]
    assert form.fields["trigger"].disabled
    changed = {**BLANK, "points_per_yuan": "2", "versions-TOTAL_FORMS": "1", "versions-INITIAL_FORMS": "1"}
    changed |= {"versions-0-id": campaign.versions.get().pk, "versions-0-campaign": campaign.pk}
    answer = boss.post(url, changed)
    assert answer.status_code == 302
    assert [number for number, _, _ in versions_of(campaign)] == [1, 2]
    assert Campaign.objects.get().effects == [{"kind": "points_per_yuan", "points": "2"}]
    assert versions_of(campaign)[0][2] == versions_of(campaign)[1][1]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"__all__": ["请至少设置一个效果"]}),
        ({"multiplier": "1"}, {"multiplier": ["确保该值大于或等于1.001。"]}),
        ({"fixed_points": "abc"}, {"fixed_points": ["输入整数。"]}),
        (
            {"fixed_points": "1", "month_days": "32"},
            {"month_days": ["请填写 1 到 31 的日期，用逗号分开，例如 1, 15"]},
        ),
        (
            {"fixed_points": "1", "month_days": "九"},
            {"month_days": ["请填写 1 到 31 的日期，用逗号分开，例如 1, 15"]},
        ),
        ({"fixed_points": "1", "first_day": "2026-11-01"}, {"last_day": ["日期区间请填写开始和结束两天"]}),
        (
            {"fixed_points": "1", "first_day": "2026-11-02", "last_day": "2026-11-01"},
            {"__all__": ["日期区间的最后一天不能早于第一天"]},
        ),
        (
            {
                "fixed_points": "1",
                "starts_at_0": "2026-11-02",
                "starts_at_1": "00:00",
                "ends_at_0": "2026-11-01",
                "ends_at_1": "00:00",
            },
            {"ends_at": ["结束时间必须晚于开始时间"]},
        ),
        ({"fixed_points": "1", "tiers": ["platinum"]}, {"tiers": ["选择一个有效的选项。 platinum 不在可用的选项中。"]}),
    ],
)
def test_bad_input_is_answered_in_chinese_at_the_field(boss, fields, errors):
    answer = add(boss, **fields)
    assert (answer.status_code, errors_of(answer)) == (200, errors)
    assert Campaign.objects.count() == 0


def test_what_the_trigger_can_not_use_is_left_out(boss):
    add(boss, trigger="birthday", fixed_points="100", money_off="10", amount_at_least="5")
    campaign = Campaign.objects.get()
    assert (campaign.conditions, campaign.effects) == ([], [{"kind": "fixed_points", "points": 100}])


def test_eight_zhe_is_a_rate_of_0_8(boss):
    add(boss, trigger="redemption_basket", points_price_zhe="8")
    assert Campaign.objects.get().effects == [{"kind": "points_price_discount", "rate": "0.8"}]


def test_publishing_and_pausing_take_a_post(boss):
    add(boss, fixed_points="100")
    campaign = Campaign.objects.get()
    url = reverse("admin:campaigns_campaign_publish", args=[campaign.pk])
    boss.get(url)
    assert Campaign.objects.get().status == "draft"
    assert boss.post(url, SENT)["HX-Redirect"] == reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    assert (Campaign.objects.get().status, len(versions_of(campaign))) == ("live", 1)
    boss.post(reverse("admin:campaigns_campaign_pause", args=[campaign.pk]), SENT)
    assert (Campaign.objects.get().status, versions_of(campaign)[0][2] is None) == ("paused", False)


def test_a_draft_starts_from_a_preset(boss):
    boss.post(reverse("admin:campaigns_campaign_new_from_preset"), {**SENT, "preset": "over-500"})
    campaign = Campaign.objects.get()
    assert (campaign.code, campaign.status) == ("over-500", "draft")
    assert campaign.conditions == [{"kind": "amount_at_least", "cents": 50000}]


def test_the_list_says_when_each_campaign_runs_and_what_it_gave(boss):
    presets_installed()
    order = an_order(a_member(), cents=10000, paid_at=WEDNESDAY)
    with transaction.atomic():
        grant_for_order(order_id=order.pk, at=WEDNESDAY)
    text = boss.get(reverse("admin:campaigns_campaign_changelist")).content.decode()
    for words in ("每周三会员日双倍积分", "每月 15 日", "长期有效", "已启用"):
        assert words in text


@pytest.mark.parametrize("model", ["receipt", "grant", "checkin"])
def test_records_are_listed_and_shown_but_never_changed(boss, model):
    presets_installed()
    member = a_member()
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    grant_for_order(order_id=order.pk, at=WEDNESDAY)
    check_in(member_id=member.pk, at=WEDNESDAY)
    listed = boss.get(reverse(f"admin:campaigns_{model}_changelist"))
    assert member.number in listed.content.decode()
    row = {"receipt": Receipt, "checkin": CheckIn}.get(model, Receipt).objects.first()
    if model == "receipt":
        text = boss.get(reverse("admin:campaigns_receipt_change", args=[row.pk])).content.decode()
        assert "¥100.00 × 1 积分/元" in text
        assert boss.post(reverse("admin:campaigns_receipt_change", args=[row.pk]), {}).status_code == 403
    assert boss.get(reverse(f"admin:campaigns_{model}_add")).status_code == 403


def test_a_clerk_without_permission_sees_no_campaigns(client):
    client.force_login(User.objects.create_user("clerk", password="clerk-password-1", is_staff=True))
    assert client.get(reverse("admin:campaigns_campaign_changelist")).status_code == 403
    assert client.get(reverse("admin:campaigns_campaign_add")).status_code == 403

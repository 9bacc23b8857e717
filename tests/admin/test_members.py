"""Members in the back office: masked, explained, and their points changed in one way only."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from members.models import Member, PointsNote
from tests.admin.conftest import ClientWith
from tests.admin.full_shop import with_phone
from tests.mall.builders import a_buyer, a_paid_order, a_sku, points_of

PHONE = "13912345678"


def url(member: Member, action: str = "change") -> str:
    return reverse(f"admin:members_member_{action}", args=[member.pk])


class Dialog:
    """The adjust-points dialog of one member; opened once, sent as often as the test likes."""

    def __init__(self, client: Client, member: Member) -> None:
        self.client, self.url = client, url(member, "adjust_points")
        self.key = client.get(self.url).context["form"]["key"].value()

    def send(self, points: Any, text: str = "补偿物流延误") -> Any:
        return self.client.post(self.url, {"points": points, "text": text, "key": self.key, "_form_submitted": "on"})


def test_points_are_added_with_a_reason_and_the_operator(owner: Client) -> None:
    member = a_buyer(points=100)
    response = Dialog(owner, member).send(50)
    assert response["HX-Redirect"] == url(member)
    assert points_of(member) == (150, 0)
    note = PointsNote.objects.get()
    assert (note.member, note.text, note.operator.username) == (member, "补偿物流延误", "owner")
    assert "积分已调整 +50，现有 150 积分" in owner.get(url(member)).content.decode()
    assert LogEntry.objects.get().get_change_message() == "积分已调整 +50，现有 150 积分（补偿物流延误）"


def test_a_double_submit_books_once(owner: Client) -> None:
    member = a_buyer(points=100)
    dialog = Dialog(owner, member)
    assert [dialog.send(-30)["HX-Redirect"], dialog.send(-30)["HX-Redirect"]] == [url(member)] * 2
    assert points_of(member) == (70, 0)
    assert PointsNote.objects.count() == 1


def test_the_same_dialog_with_another_number_is_refused(owner: Client) -> None:
    member = a_buyer(points=100)
    dialog = Dialog(owner, member)
    dialog.send(-30)
    response = dialog.send(-40)
    assert "HX-Redirect" not in response
    assert 'role="alert"' in response.content.decode()
    assert points_of(member) == (70, 0)


@pytest.mark.parametrize(
    ("points", "text", "field", "sentence"),
    [
        (0, "补偿", "points", "变动积分不能为 0"),
        ("", "补偿", "points", "该字段是必填项。"),
        ("一百", "补偿", "points", "输入整数。"),
        (1_000_001, "补偿", "points", "确保该值小于或等于1000000。"),
        (-1_000_001, "补偿", "points", "确保该值大于或等于-1000000。"),
        (10, "", "text", "该字段是必填项。"),
        (10, "   ", "text", "该字段是必填项。"),
        (10, "字" * 201, "text", "确保该变量包含不超过 200 字符"),
        (-101, "扣减", "points", "积分不足：可用 100 积分，需要 101 积分"),
    ],
)
def test_bad_adjustments_are_refused_at_the_field(
    owner: Client, points: Any, text: str, field: str, sentence: str
) -> None:
    member = a_buyer(points=100)
    response = Dialog(owner, member).send(points, text)
    assert sentence in str(response.context["form"].errors[field])
    assert sentence in response.content.decode()
    assert points_of(member) == (100, 0)


def test_only_who_may_note_points_may_adjust_them(staff_with: ClientWith) -> None:
    member = a_buyer(points=100)
    clerk, support = staff_with("members.view_member"), staff_with("members.view_member", "members.add_pointsnote")
    assert clerk.get(url(member, "adjust_points")).status_code == 403
    seen = [[button["title"] for button in one.get(url(member)).context["actions_detail"]] for one in (clerk, support)]
    assert seen == [["积分账户"], ["积分账户", "调整积分"]]
    assert Dialog(support, member).send(5)["HX-Redirect"] == url(member)


def test_a_member_who_is_not_there_is_a_404(owner: Client) -> None:
    member = a_buyer()
    page = url(member, "adjust_points").replace(str(member.pk), "999999")
    data = {"points": 5, "text": "补偿", "key": "adjust:1", "_form_submitted": "on"}
    assert owner.post(page, data).status_code == 404


def test_nobody_reads_a_full_phone(owner: Client) -> None:
    member = with_phone(a_buyer(), PHONE)
    pages = [url(member), reverse("admin:members_member_changelist"), reverse("admin:members_member_export")]
    for page in pages:
        text = owner.get(page).content.decode()
        assert PHONE not in text
        assert "5678" in text


def test_the_last_four_digits_find_a_member(owner: Client) -> None:
    member, _ = with_phone(a_buyer(), PHONE), a_buyer()
    found = owner.get(reverse("admin:members_member_changelist"), {"q": "5678"}).context["cl"].result_list
    assert [row.pk for row in found] == [member.pk]


def test_the_page_shows_standing_statement_and_tier_history(owner: Client) -> None:
    member = a_buyer(points=1234)
    context = owner.get(url(member)).context
    assert context["balance"] == [
        ("可用积分", "1,234"),
        ("待生效积分", "0"),
        ("冻结积分", "0"),
        ("待抵扣欠分", "0"),
        ("成长值", "0"),
    ]
    assert [(row["points"], row["after"]) for row in context["entries"]] == [("+1,234", "1,234")]
    page = owner.get(url(member)).content.decode()
    assert "最近积分流水" in page
    assert "等级变动" in page


def test_points_of_an_unpaid_order_stand_as_held(owner: Client) -> None:
    member = a_buyer(points=1000)
    a_paid_order(member, (a_sku(price_cents=10000), 1), points=500)
    assert dict(owner.get(url(member)).context["balance"])["可用积分"] == "500"


def test_only_the_nickname_can_be_typed(owner: Client) -> None:
    member = with_phone(a_buyer(points=10), PHONE)
    form = {
        "nickname": "新名字",
        "status": "frozen",
        "phone": "1",
        "tier": 4,
        "tier_changes-TOTAL_FORMS": 0,
        "tier_changes-INITIAL_FORMS": 0,
        "tags-TOTAL_FORMS": 0,
        "tags-INITIAL_FORMS": 0,
    }
    assert owner.post(url(member), form).status_code == 302
    after = Member.objects.get(pk=member.pk)
    assert (after.nickname, after.status, after.phone, after.tier_id) == ("新名字", "active", PHONE, member.tier_id)


# ── tiers ──


def tier_form(owner: Client, code: str, **change: Any) -> Any:
    """The tier's page sent back with these changes."""
    from members.models import Tier

    tier = Tier.objects.get(code=code)
    page = reverse("admin:members_tier_change", args=[tier.pk])
    context = owner.get(page).context
    form = context["adminform"].form
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    (formset,) = (inline.formset for inline in context["inline_admin_formsets"])
    data |= {f"{formset.prefix}-TOTAL_FORMS": len(formset), f"{formset.prefix}-INITIAL_FORMS": len(formset)}
    for row in formset:
        data |= {row.add_prefix(name): "" if row[name].value() is None else row[name].value() for name in row.fields}
    return owner.post(page, {**data, **change})


def test_a_tier_is_saved_as_it_is(owner: Client) -> None:
    assert tier_form(owner, "gold", name="金卡会员").status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"threshold": 1000}, "须高于「白银会员」的 1,000"),
        ({"threshold": 20000}, "须低于「钻石会员」的 20,000"),
        ({"threshold": -1}, "须高于「白银会员」的 1,000"),
        ({"threshold": ""}, "该字段是必填项。"),
        ({"color": "red"}, "颜色格式为 # 加六位十六进制数"),
        ({"name": "白银会员"}, "已存在"),
        ({"benefits-0-value": "0.5"}, "积分倍数为 1 到 100"),
        ({"benefits-0-value": ""}, "积分倍数为 1 到 100"),
        ({"benefits-0-value": "x"}, "输入一个数字。"),
    ],
)
def test_a_tier_that_makes_no_ladder_is_refused_at_the_field(
    owner: Client, change: dict[str, Any], sentence: str
) -> None:
    response = tier_form(owner, "gold", **change)
    assert response.status_code == 200
    assert sentence in response.content.decode()


def test_the_lowest_tier_starts_at_nothing(owner: Client) -> None:
    assert "最低的等级所需成长值必须为 0" in tier_form(owner, "bronze", threshold=5).content.decode()


def test_a_tier_with_members_and_the_lowest_tier_stay(owner: Client) -> None:
    from members.models import Tier

    a_buyer(tier="gold")
    may_go = {
        tier.code: owner.get(reverse("admin:members_tier_delete", args=[tier.pk])).status_code
        for tier in Tier.objects.order_by("rank")
    }
    assert may_go == {"bronze": 403, "silver": 200, "gold": 403, "diamond": 200}

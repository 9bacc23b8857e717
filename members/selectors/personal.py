"""What this room keeps of a person, as the sheets of the copy of their data."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone

from members.models import (
    Address,
    Consent,
    Device,
    Identity,
    Member,
    MemberInterest,
    Message,
    MessageEmail,
    TierChange,
)
from members.ports import PersonalPart, Row
from members.rules import regions
from members.rules.statement import wording
from points.selectors.entries import entries

_AT_ONCE = 1000


def _when(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _profile(member_ids: Sequence[int]) -> Iterator[Row]:
    interests: dict[int, list[str]] = {}
    chosen = MemberInterest.objects.filter(member_id__in=member_ids).order_by("pk")
    for member_id, name in chosen.values_list("member_id", "interest__name"):
        interests.setdefault(member_id, []).append(name)
    for row in Member.objects.filter(pk__in=member_ids).select_related("tier").order_by("pk"):
        yield (
            *(row.number, row.nickname, row.name, row.phone, row.get_gender_display(), row.birthday),
            *(row.get_birthday_calendar_display(), regions.full_name(district=row.region_code)),
            *("、".join(interests.get(row.pk, [])), row.tier.name, row.get_channel_display(), _when(row.registered_at)),
        )


def _addresses(member_ids: Sequence[int]) -> Iterator[Row]:
    for row in Address.objects.filter(member_id__in=member_ids).order_by("pk"):
        yield row.recipient, row.phone, row.region, row.detail, _when(row.created_at)


def _points(member_ids: Sequence[int]) -> Iterator[Row]:
    for member in Member.objects.filter(pk__in=member_ids).order_by("pk"):
        before: int | None = None
        while True:
            rows = entries(account=member.points_account_id, direction="all", before=before, limit=_AT_ONCE)
            for row in rows:
                title = wording(kind=row.kind, source=row.source).title
                yield _when(row.occurred_at), title, row.spendable, row.pending, row.spendable_after, row.source
            if len(rows) < _AT_ONCE:
                break
            before = rows[-1].id


def _tiers(member_ids: Sequence[int]) -> Iterator[Row]:
    rows = TierChange.objects.filter(member_id__in=member_ids).select_related("old_tier", "new_tier").order_by("pk")
    for row in rows:
        yield _when(row.at), row.old_tier.name if row.old_tier else "", row.new_tier.name, row.growth


def _log_ins(member_ids: Sequence[int]) -> Iterator[Row]:
    for identity in Identity.objects.filter(member_id__in=member_ids).order_by("pk"):
        yield "外部身份", identity.provider, identity.openid, _when(identity.created_at)
    for email in MessageEmail.objects.filter(member_id__in=member_ids).order_by("pk"):
        yield "消息邮箱", "已确认" if email.confirmed_at else "待确认", email.address, _when(email.asked_at)
    for device in Device.objects.filter(user__member__pk__in=member_ids).order_by("pk"):
        yield "登录设备", device.name, device.address, _when(device.signed_in_at)


def _consents(member_ids: Sequence[int]) -> Iterator[Row]:
    for row in Consent.objects.filter(member_id__in=member_ids).select_related("notice").order_by("pk"):
        yield str(row.notice), row.get_channel_display(), _when(row.at)


def _messages(member_ids: Sequence[int]) -> Iterator[Row]:
    rows = Message.objects.filter(member_id__in=member_ids).order_by("pk")
    for sent_at, title, body in rows.values_list("sent_at", "title", "body"):
        yield _when(sent_at), title, body


# They are erased by members.services.erasing, in one go.
PARTS = (
    PersonalPart(
        name="profile",
        title="个人资料",
        columns=(
            *("会员号", "昵称", "姓名", "手机号", "性别", "生日", "生日历法"),
            *("地区", "兴趣", "等级", "注册渠道", "注册时间"),
        ),
        rows=_profile,
    ),
    PersonalPart(
        name="addresses",
        title="收货地址",
        columns=("收货人", "手机号", "省市区", "详细地址", "添加时间"),
        rows=_addresses,
    ),
    PersonalPart(
        name="points",
        title="积分明细",
        columns=("时间", "事由", "可用积分", "待生效", "此后可用", "来源"),
        rows=_points,
    ),
    PersonalPart(name="tiers", title="等级变动", columns=("时间", "原等级", "新等级", "成长值"), rows=_tiers),
    PersonalPart(name="log_ins", title="登录方式与设备", columns=("类型", "名称", "标识", "时间"), rows=_log_ins),
    PersonalPart(name="consents", title="隐私同意", columns=("隐私政策", "渠道", "时间"), rows=_consents),
    PersonalPart(name="messages", title="站内消息", columns=("时间", "标题", "正文"), rows=_messages),
)

"""What staff have done in the demo: colleagues by role, tags, segments, a broadcast, pairs to merge, a request."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from config.core.db import edge_transaction
from config.demo.people import BIG_SPENDER, REGULAR, TWINS, Shopper
from config.demo_logins import DEMO_LOGINS
from mall.models import Store
from members.models import (
    Broadcast,
    Member,
    MessageTemplate,
    Segment,
    StaffRole,
    Tag,
    TemplateWay,
    Tier,
    TierPeriod,
    User,
    Way,
)
from members.rules.roles import CLERK
from members.services import (
    adjustments,
    broadcasts,
    closing,
    data_exports,
    duplicates,
    merge_requests,
    message_choices,
    periods,
    reveals,
    roles,
    segments,
    tags,
)

_COLLEAGUES = {"marketer": "阿营", "warehouse": "阿仓", "support": "阿服", "finance": "阿财", "clerk": "阿店"}
_TEXTED = ("林深见鹿", "何以解忧", "晨跑的鹿")
_TAGS = (
    ("茶友", "#2f6f4f", "常买茶与咖啡", ("周一诺", "林深见鹿", "一盏茶", "何以解忧")),
    ("团购联系人", "#8a5a2b", "逢节为公司采购", ("何以解忧", "远山淡影")),
    ("易碎品小心包装", "#9b3d3d", "曾反馈破损", ("阿拓",)),
)


def _rule(field: str, operator: str, value: Any, *, days: int | None = None) -> dict[str, Any]:
    condition = {"field": field, "operator": operator, "value": value, "days": days}
    return {"match": "all", "groups": [{"match": "all", "negated": False, "conditions": [condition]}]}


_SEGMENTS = (
    ("九十天内买过三单", "熟客，适合先通知新品", _rule("orders", "at_least", 3, days=90)),
    ("黄金及以上", "等级高的会员", _rule("tier", "in", ["gold", "diamond"])),
    ("三十天没有下单", "可以发一张回访券", _rule("last_order", "not_within", 30)),
)


def add_colleagues() -> None:
    """An account for each role, with the password that the demo prints."""
    roles.sync_roles()
    password = make_password(DEMO_LOGINS.staff_password)  # once: it is slow by design
    for code, name in _COLLEAGUES.items():
        user = User.objects.create(username=code, first_name=name, password=password, is_staff=True)
        user.groups.add(StaffRole.objects.get(code=code).group_id)
        if code == CLERK:
            Store.objects.get(is_default=True).staff.add(user)


def work(*, operator: User, at: datetime) -> None:
    """What staff and some members have done by `at`, each step as its page would do it."""
    by_name = dict(Member.objects.order_by("-registered_at").values_list("nickname", "pk"))
    for step in (_tag, _segment, _announce, _find_twins, _adjust, _look_up, _leave, _end_periods):
        with edge_transaction():
            step(operator, by_name, at)


def _tag(operator: User, members: dict[str, int], at: datetime) -> None:
    for name, color, note, whom in _TAGS:
        tag = Tag.objects.create(name=name, color=color, note=note)
        tags.put_tag(tag_id=tag.pk, member_ids=[members[one] for one in whom], operator_id=operator.pk, at=at)


def _segment(operator: User, members: dict[str, int], at: datetime) -> None:
    for name, note, rule in _SEGMENTS:
        row = segments.write(segment=Segment(name=name, note=note), rule=rule, at=at)
        segments.begin(segment_id=row.pk, at=at)
        segments.refresh_next(segment_id=row.pk)


def _announce(operator: User, members: dict[str, int], at: datetime) -> None:
    template = MessageTemplate.objects.get(code="announcement")
    TemplateWay.objects.create(template=template, way=Way.SMS, text="{headline}：{content}")
    for name in _TEXTED:
        message_choices.choose(
            member_id=members[name], way=Way.SMS, purpose="marketing", is_wanted=True, source="h5", at=at
        )
    sent = Broadcast.objects.create(
        name="秋茶上新",
        template=template,
        context={"headline": "秋茶上新，会员先尝", "content": "本周下单积分照常，另送试饮装", "page": "/"},
    )
    broadcasts.start(broadcast_id=sent.pk, at=at)
    broadcasts.send_next(broadcast_id=sent.pk, at=at)
    Broadcast.objects.create(
        name="双十二会员日",
        template=template,
        context={"headline": "双十二会员日", "content": "全场积分翻倍，仅此一天", "page": "/points-mall/"},
        audience=Broadcast.Audience.TIER,
        tier=Tier.objects.get(code="silver"),
    )


def _find_twins(operator: User, members: dict[str, int], at: datetime) -> None:
    """Staff wrote their names down; one pair is to be merged, the other waits for somebody to look."""
    of_phone = dict(Member.objects.filter(phone_last4__in=_last4()).values_list("phone_last4", "pk"))
    for shopper in (BIG_SPENDER, REGULAR, *TWINS):
        Member.objects.filter(pk=of_phone[shopper.phone[-4:]]).update(name=shopper.nickname)
    for look in (duplicates.trace_next, duplicates.find_next):
        after: int | None = 0
        while after is not None:
            more = {"at": at} if look is duplicates.find_next else {}
            after = look(after_member_id=after, limit=500, **more)
    merge_requests.request_merge(
        source_id=of_phone[TWINS[0].phone[-4:]],
        target_id=of_phone[BIG_SPENDER.phone[-4:]],
        operator_id=operator.pk,
        at=at,
    )


def _last4() -> list[str]:
    people: tuple[Shopper, ...] = (BIG_SPENDER, REGULAR, *TWINS)
    return [one.phone[-4:] for one in people]


def _adjust(operator: User, members: dict[str, int], at: datetime) -> None:
    """A present that one may give alone, and one that waits for a second person."""
    support = User.objects.get(username="support")
    for number, (name, points, why) in enumerate(
        (("阿拓", 200, "包装破损，补偿积分"), ("何以解忧", 20_000, "年度团购返积分，请店长确认"))
    ):
        adjustments.adjust_points(
            member_id=members[name], points=points, text=why, operator_id=support.pk, key=f"demo-{number}", at=at
        )


def _leave(operator: User, members: dict[str, int], at: datetime) -> None:
    """One member asks for a copy of their data, another to close the account."""
    data_exports.ask_for_copy(member_id=members["山野来信"], at=at)
    closing.ask_to_close(member_id=members["一口奶盖"], channel="h5", at=at)


def _look_up(operator: User, members: dict[str, int], at: datetime) -> None:
    """A phone that had to be seen in full."""
    reveals.reveal(member_id=members["阿拓"], what="phone", reason="核对补发地址", operator_id=operator.pk, at=at)


def _end_periods(operator: User, members: dict[str, int], at: datetime) -> None:
    """Bring two tier periods near their end, as they would be after a year, and warn of them."""
    for name, days in (("阿拓", 6), ("南风知意", 24)):
        open_ = TierPeriod.objects.filter(member=members[name], decided_at=None)
        open_.update(starts_at=at - timedelta(days=365 - days), ends_at=at + timedelta(days=days))
    for days in periods.warning_steps():
        while periods.warn_next(at=at, days=days, limit=500):
            pass

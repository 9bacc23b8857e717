"""One row of every kind that this room keeps of a member, and how the rows of a member are found, model by model."""

from collections.abc import Mapping
from datetime import date

from django.apps import apps
from django.db import transaction
from django.db.models import Field, Model, Q

from members.models import (
    BenefitUse,
    Broadcast,
    BroadcastMember,
    DuplicateTrace,
    Identity,
    Interest,
    Member,
    MemberInterest,
    MemberTag,
    MemberTrace,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageEmail,
    MessageTally,
    MessageTemplate,
    Segment,
    SegmentMember,
    SubscribeQuota,
    Tag,
    User,
)
from members.rules.addresses import AddressForm
from members.services import api_tokens, data_exports, shares, till_codes
from members.services.addresses import save_address
from members.services.adjustments import adjust_points
from tests.members.factories import AT, a_clerk

# columns of these names say which member of staff did something; a member never is staff
STAFF_COLUMNS = {
    *("history_user", "operator", "requester", "requested_by", "decider", "decided_by", "exported_by", "put_by"),
}
STAFFS_OWN = {
    "admin.LogEntry",
    "back_office.HistoricalTwoStepDevice",
    "back_office.StaffDeed",
    "back_office.TwoStepDevice",
    "mall.HistoricalStore_staff",
    "mall.Store_staff",
    "members.HistoricalUser_groups",
    "members.Reveal",
    "members.SegmentUpload",
    "members.User_groups",
    "members.User_user_permissions",
}


def give_everything(member: Member) -> None:
    """One row of every kind; the words and numbers name the member, so that two have different ones."""
    with transaction.atomic():
        _give_what_the_person_chose(member)
        _give_what_the_shop_noted(member)
        _give_messages(member)
        _give_ways_in(member)


def _give_what_the_person_chose(member: Member) -> None:
    form = AddressForm(recipient="周一诺", phone="13800000009", region_code="330106", detail="文三路 1 号")
    save_address(member_id=member.pk, form=form, at=AT)
    MemberInterest.objects.create(member=member, interest=Interest.objects.create(name=f"茶{member.pk}"))
    link = shares.link_to(member_id=member.pk, path="/points/", at=AT)
    shares.open_link(code=link, visitor=shares.Visitor(device="d", address="203.0.113.9"), at=AT)
    data_exports.ask_for_copy(member_id=member.pk, at=AT)


def _give_what_the_shop_noted(member: Member) -> None:
    clerk = a_clerk(f"clerk-{member.pk}")
    tag = Tag.objects.create(name=f"标签{member.pk}")
    MemberTag.objects.create(member=member, tag=tag, source="staff", put_by=clerk, at=AT)
    MemberTrace.objects.create(member=member, kind="device", trace_index=f"{member.pk}", first_seen_at=AT)
    DuplicateTrace.objects.create(member=member, kind="name_birthday", trace=f"{member.pk}")
    segment = Segment.objects.create(name=f"人群{member.pk}", kind="static", created_at=AT)
    SegmentMember.objects.create(segment=segment, member=member, entered_at=AT)
    BenefitUse.objects.create(
        member=member, kind="free_shipping", period="2026-11", nth=1, source=f"order:{member.pk}", at=AT
    )
    for points in (5, 50_000):
        key = f"{member.pk}:{points}"
        adjust_points(member_id=member.pk, points=points, text="补偿", operator_id=clerk.pk, key=key, at=AT)


def _give_messages(member: Member) -> None:
    template = MessageTemplate.objects.order_by("pk")[0]
    message = Message.objects.create(
        member=member, template=template, key=f"k{member.pk}", title="t", body="b", sent_at=AT
    )
    MessageDelivery.objects.create(message=message, way="sms", payload={}, next_try_at=AT)
    MessageConsent.objects.create(member=member, way="sms", purpose="marketing", given_at=AT, source="h5")
    MessageEmail.objects.create(member=member, address="a@secret.example", asked_at=AT, confirmed_at=AT)
    day = date(2026, 11, 18)
    MessageTally.objects.create(member=member, purpose="service", day=day, day_count=1, week=day, week_count=1)
    SubscribeQuota.objects.create(member=member, remote_id="t", remaining=1)
    broadcast = Broadcast.objects.create(name="群发", template=template, audience="listed")
    BroadcastMember.objects.create(broadcast=broadcast, member=member)


def _give_ways_in(member: Member) -> None:
    Identity.objects.create(
        member=member, provider="wechat_mini", openid="o", openid_index=f"o{member.pk}", created_at=AT
    )
    till_codes.code_of(member_id=member.pk, at=AT)
    assert member.user_id is not None
    api_tokens.issue(user_id=member.user_id, at=AT)


def ways_to_a_member() -> dict[type[Model], list[str]]:
    """Every model whose rows hang on a member, directly or through others, with the look-ups that lead there."""
    found: dict[type[Model], list[str]] = {Member: ["pk"], User: ["member"]}
    layer: dict[type[Model], list[str]] = dict(found)
    while layer:
        reached: dict[type[Model], list[str]] = {}
        for model in apps.get_models(include_auto_created=True):
            for field in model._meta.local_fields:
                ways = layer.get(field.related_model, []) if isinstance(field.related_model, type) else []
                if ways and _hangs(model, field) and model not in found:
                    reached.setdefault(model, []).extend(_lookup(field.name, way) for way in ways)
        found |= reached
        layer = reached
    return {**found, Member: ["merged_into"]}


def count_of(model: type[Model], member: Member) -> int:
    """How many rows of the model hang on that member."""
    wanted = Q()
    for way in ways_to_a_member()[model]:
        wanted |= Q(**{way: member.pk})
    return model._default_manager.filter(wanted).distinct().count()


def counts_of(member: Member) -> Mapping[str, int]:
    """The same of every model, by label."""
    return {model._meta.label: count_of(model, member) for model in ways_to_a_member()}


def _hangs(model: type[Model], field: "Field[object, object]") -> bool:
    if field.related_model is User:
        return field.name not in STAFF_COLUMNS and model._meta.label not in STAFFS_OWN
    return True


def _lookup(name: str, way: str) -> str:
    return name if way == "pk" else f"{name}__{way}"

"""Taking away, for good, everything that names a person. Points, orders and who decided what stay, without a name.

`WHAT_BECOMES` says for every row that hangs on a member, or on a member's log-in, what happens to it; a test fails for
one that is not listed, and for one of which something else becomes than the list says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from config.core.db import transaction_required
from config.outbox.models import IdempotencyKey
from members.models import (
    Address,
    AdjustmentRequest,
    Device,
    DevMessage,
    DuplicateTrace,
    Identity,
    LoginCode,
    Member,
    MemberInterest,
    MemberTag,
    MemberTrace,
    MergeRequest,
    PasswordTry,
    PointsNote,
    Reveal,
    SegmentMember,
    ShareLink,
    ShareVisit,
    TillSecret,
    User,
)
from members.ports import personal_parts
from members.services import avatars, devices, messages, tombstones

ERASED_NAME: Final = "已注销会员"
ERASED_TEXT: Final = "（已注销）"

DELETED, EMPTIED, ENDED, KEPT, BY_PART = "deleted", "emptied", "ended", "kept", "by its room's part"
_DELETED_WITH_MEMBER: Final[tuple[type[Model], ...]] = (
    Address,
    Identity,
    MemberInterest,
    MemberTag,
    TillSecret,
    DuplicateTrace,
    MemberTrace,
    SegmentMember,
    ShareLink,
)
WHAT_BECOMES: Final[Mapping[str, str]] = {
    **{model._meta.label: DELETED for model in (*_DELETED_WITH_MEMBER, *messages.FORGOTTEN)},
    "members.MessageDelivery": DELETED,  # with its message
    "members.MessageConsent": ENDED,  # what was agreed to and when proves that messages were wanted; nobody is named
    "members.ShareVisit": DELETED,
    "members.User": EMPTIED,
    "members.Device": DELETED,
    "knox.AuthToken": DELETED,
    "members.PointsNote": EMPTIED,
    "members.AdjustmentRequest": EMPTIED,
    "members.HistoricalAdjustmentRequest": EMPTIED,
    "members.MergeRequest": EMPTIED,
    "members.HistoricalMergeRequest": EMPTIED,
    "members.DataExport": EMPTIED,  # by data_exports.drop_all
    "members.Reveal": EMPTIED,
    "members.Member": KEPT,  # the row of a duplicate that was merged: emptied like the member's own
    "members.HistoricalMember": DELETED,
    "members.TierChange": KEPT,
    "members.TierPeriod": KEPT,
    "members.Entitlement": KEPT,
    "members.BenefitUse": KEPT,
    "members.Subscription": KEPT,
    "members.GiftCard": KEPT,
    "members.MembershipSaving": KEPT,
    "members.Attribution": KEPT,
    "members.ChannelOrder": KEPT,
    "members.InviteCode": KEPT,
    "members.Invitation": KEPT,
    "members.Duplicate": KEPT,
    "members.HistoricalDuplicate": KEPT,
    "members.Consent": KEPT,  # the shop's proof: a version and a time
    "members.Closing": KEPT,
    "mall.Order": BY_PART,
    "mall.OrderLine": KEPT,
    "mall.Payment": KEPT,  # the provider's own number of the payment, no account
    "mall.Shipment": KEPT,
    "mall.Refund": BY_PART,
    "mall.RefundLine": KEPT,
    "mall.PlanOrder": KEPT,
    "mall.CartLine": BY_PART,
    "campaigns.BenefitGift": BY_PART,
    "campaigns.Receipt": KEPT,
    "campaigns.Grant": KEPT,
    "campaigns.CheckIn": KEPT,
}


@transaction_required
def erase(*, members: Sequence[Member], at: datetime) -> None:
    """Take away all that names the person behind these locked rows: the member, and duplicates merged into it."""
    ids = [member.pk for member in members]
    for part in personal_parts():
        part.erase(ids, at)
    tombstones.leave(members=members, at=at)
    _forget_phones(members)
    _empty_texts(ids)
    messages.forget(member_ids=ids, at=at)
    ShareVisit.objects.filter(link__member_id__in=ids).delete()
    for model in _DELETED_WITH_MEMBER:
        model._default_manager.filter(member_id__in=ids).delete()
    for member in members:
        avatars.remove_file(avatar=member.avatar)
        if member.user_id is not None:
            _close_log_in(member.user_id, at)
    _erase_what_staff_noted(ids)
    Member.objects.filter(pk__in=ids).update(**_NOBODY)
    Member.history.filter(id__in=ids).delete()


_NOBODY: Final[Mapping[str, Any]] = {
    "nickname": ERASED_NAME,
    "avatar": "person",
    "gender": "",
    "name": "",
    "phone": "",
    "phone_index": None,
    "phone_last4": "",
    "birthday": "",
    "birthday_month_day": "",
    "birth_year": None,
    "birthday_calendar": Member.Calendar.SOLAR,
    "birthday_is_leap": False,
    "region_code": "",
    "source": "",
    "external_ref": "",
    "status": Member.Status.CLOSED,
}


def _forget_phones(members: Sequence[Member]) -> None:
    indexes = [member.phone_index for member in members if member.phone_index]
    LoginCode.objects.filter(phone_index__in=indexes).delete()
    PasswordTry.objects.filter(phone_index__in=indexes).delete()
    DevMessage.objects.filter(recipient__in=[member.phone for member in members if member.phone]).delete()


def _empty_texts(ids: Sequence[int]) -> None:
    PointsNote.objects.filter(member_id__in=ids).update(text=ERASED_TEXT)
    Reveal.objects.filter(member_id__in=ids).update(reason=ERASED_TEXT)
    requests = AdjustmentRequest.objects.filter(member_id__in=ids)
    requests.update(text=ERASED_TEXT, answer="")
    AdjustmentRequest.history.filter(member_id__in=ids).update(text=ERASED_TEXT, answer="")
    for merges in (MergeRequest.objects, MergeRequest.history):
        merges.filter(source_id__in=ids).update(answer="")
        merges.filter(target_id__in=ids).update(answer="")


def _close_log_in(user_id: int, at: datetime) -> None:
    """Sign every device out and leave a log-in that opens nothing and names nobody."""
    devices.end_all(user_id=user_id, at=at)
    Device.objects.filter(user_id=user_id).delete()
    IdempotencyKey.objects.filter(scope=f"user:{user_id}").delete()
    user = User.objects.get(pk=user_id)
    user.set_unusable_password()
    user.is_active, user.username = False, f"closed-{user_id}"
    user.first_name = user.last_name = user.email = ""
    user.save()
    User.history.filter(id=user_id).delete()


def _erase_what_staff_noted(ids: Sequence[int]) -> None:
    """Django's own log of the admin: who did something and when stays; about whom and in which words goes."""
    requests = list(AdjustmentRequest.objects.filter(member_id__in=ids).values_list("pk", flat=True))
    for model, keys in ((Member, ids), (AdjustmentRequest, requests)):
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=[str(key) for key in keys]
        )
        entries.update(object_repr=ERASED_NAME, change_message=ERASED_TEXT)

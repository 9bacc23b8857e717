"""Who may be told what by which way, and where: consent, and an address that belongs to the member."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from config.core.db import fetch_all
from members.models import Identity, Member, MessageEmail, Purpose, SubscribeQuota, Way

# the identities at WeChat behind each way
PROVIDERS: Final[Mapping[str, str]] = {Way.WECHAT_SUBSCRIBE: "wechat_mini", Way.WECHAT_OFFICIAL: "wechat_official"}

_LATEST = """
SELECT DISTINCT ON (member_id, way) member_id, way, withdrawn_at IS NULL
FROM members_messageconsent
WHERE member_id = ANY(%(members)s) AND purpose = %(purpose)s AND way = ANY(%(ways)s)
ORDER BY member_id, way, id DESC
"""


def is_on_by_default(*, way: str, purpose: str) -> bool:
    """What counts while a member has said nothing: service is on, marketing off.

    A subscribe message needs a time that the member allowed in WeChat, which is a consent of its own.
    """
    return purpose == Purpose.SERVICE or way == Way.WECHAT_SUBSCRIBE


def consented(*, member_ids: Collection[int], ways: Collection[str], purpose: str) -> dict[str, set[int]]:
    """By way, who agrees to messages of that purpose. One query."""
    asked = {"members": list(member_ids), "ways": list(ways), "purpose": purpose}
    said = {(member_id, way): is_on for member_id, way, is_on in fetch_all(_LATEST, asked)}
    return {
        way: {one for one in member_ids if said.get((one, way), is_on_by_default(way=way, purpose=purpose))}
        for way in ways
    }


def reachable(*, member_ids: Collection[int], way: str, remote_id: str) -> set[int]:
    """Who of them can be reached that way at all. One or two queries, whatever their number."""
    if way == Way.SMS:
        rows = Member.objects.filter(pk__in=member_ids).exclude(phone_last4="").values_list("pk", flat=True)
        return set(rows)
    if way == Way.EMAIL:
        emails = MessageEmail.objects.filter(member__in=member_ids, confirmed_at__isnull=False)
        return set(emails.values_list("member_id", flat=True))
    found = set(
        Identity.objects.filter(member__in=member_ids, provider=PROVIDERS[way]).values_list("member_id", flat=True)
    )
    if way == Way.WECHAT_SUBSCRIBE:
        left = SubscribeQuota.objects.filter(member__in=found, remote_id=remote_id, remaining__gt=0)
        return set(left.values_list("member_id", flat=True))
    return found


def address_of(*, member: Member, way: str) -> str:
    """Where that way reaches the member, opened; empty: nowhere. At most one query."""
    if way == Way.SMS:
        return member.phone
    if way == Way.EMAIL:
        email = MessageEmail.objects.filter(member=member, confirmed_at__isnull=False).first()
        return email.address if email else ""
    identity = Identity.objects.filter(member=member, provider=PROVIDERS[way]).order_by("-pk").first()
    return identity.openid if identity else ""


def preferences(*, member_id: int) -> dict[tuple[str, str], bool]:
    """By way and purpose, whether the member gets such messages. One query per purpose."""
    chosen: dict[tuple[str, str], Any] = {}
    for purpose in Purpose.values:
        agreed = consented(member_ids=[member_id], ways=Way.values, purpose=purpose)
        chosen |= {(way, purpose): member_id in agreed[way] for way in Way.values}
    return chosen

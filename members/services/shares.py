"""Shared links: a friend's visit counts, once per visitor and link; sharing itself never does."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from config.core import policies
from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.errors import InvalidInput, NotFound
from config.core.time import local_date
from config.outbox import publishing as outbox
from members.events import ShareVisited
from members.models import Member, ShareLink, ShareVisit
from members.rules import invitations as rules
from members.rules.codes import network_of
from members.services import invitations, traces


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who opened a link: the browser, where it is, and the member who is signed in there."""

    device: str
    address: str
    member_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Where a link leads, and whose invite code comes along."""

    path: str
    invite_code: str


@transaction_required
def link_to(*, member_id: int, path: str, at: datetime) -> str:
    """The code of the member's link to that page of the shop; the same page has the same link. Raises InvalidInput."""
    if not rules.is_own_path(path):
        raise InvalidInput(path="只能分享本商城的页面")
    code = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH + 1))
    link = ShareLink(member_id=member_id, path=path, code=code, created_at=at)
    ShareLink.objects.bulk_create([link], ignore_conflicts=True)
    return ShareLink.objects.values_list("code", flat=True).get(member=member_id, path=path)


@transaction_required
def open_link(*, code: str, visitor: Visitor, at: datetime) -> Opened:
    """Count the visit if it counts, and say where the link leads. Raises NotFound."""
    link = ShareLink.objects.filter(code=code).select_related("member__merged_into").first()
    if link is None:
        raise NotFound()
    sharer = link.member.merged_into or link.member
    opened = Opened(path=link.path, invite_code=invitations.lock_inviter(member_id=sharer.pk, at=at))
    index = blind_index(visitor.device, purpose="visitor")
    is_new = not ShareVisit.objects.filter(link=link, visitor_index=index).exists()
    if is_new and sharer.status == Member.Status.ACTIVE:
        _count(link, sharer, visitor, index, at)
    return opened


def _count(link: ShareLink, sharer: Member, visitor: Visitor, index: str, at: datetime) -> None:
    network = blind_index(network_of(visitor.address), purpose="network")
    refusal = _refusal(sharer, visitor, network, at)
    visit = ShareVisit.objects.create(
        link=link, visitor_index=index, network_index=network, day=local_date(at), visited_at=at, refusal=refusal
    )
    if not refusal:
        outbox.publish(ShareVisited(share_link_id=link.pk, visit_id=visit.pk, member_id=sharer.pk, visited_at=at))


def _refusal(sharer: Member, visitor: Visitor, network: str, at: datetime) -> str:
    if visitor.member_id == sharer.pk or sharer.pk in traces.others_with_device(member_id=0, device=visitor.device):
        return ShareVisit.Refusal.OWN
    today = ShareVisit.objects.filter(link__member=sharer, day=local_date(at), refusal="")
    if today.filter(network_index=network).count() >= rules.NETWORK_VISITS_PER_DAY:
        return ShareVisit.Refusal.NETWORK_CAP
    return ShareVisit.Refusal.DAY_CAP if today.count() >= policies.current().share_visits_per_day else ""

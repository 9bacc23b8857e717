"""Members that come from another system, thousands at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models.functions import Coalesce

from config.core.db import transaction_required
from members.models import Member
from members.rules.addresses import one_line
from members.services.locks import lock_phones, lock_source
from members.services.login_codes import phone_index
from members.services.registration import free_numbers, lowest_tier, nickname_for
from points import ledger

_BATCH = 2000
_BY_PHONE = "points"
_NICKNAME = 20


@dataclass(frozen=True, kw_only=True)
class ImportedMember:
    """A person as another system knows them; without a nickname they get one made of the member number."""

    source: str
    external_ref: str
    registered_at: datetime
    nickname: str = ""


@transaction_required
def create_members(*, rows: Iterable[ImportedMember], at: datetime) -> dict[str, int]:
    """Member ids by external_ref, created for those that don't exist; all rows come from one source. Set-based.

    Of a member who was merged it is whom they were merged into. New ones start on the lowest tier at `registered_at`,
    have no log-in, and no MemberRegistered is published: history is rewarded by whoever imports it. `at` caps
    registration times that lie in the future.
    """
    ids: dict[str, int] = {}
    wanted = iter(rows)
    while batch := list(islice(wanted, _BATCH)):
        ids |= _create_batch(batch, at)
    return ids


@transaction_required
def create_members_by_phone(*, phones: Iterable[str], at: datetime) -> dict[str, int]:
    """Member ids by normalised phone, created for those that have none: known to the till alone, without a log-in.

    Whoever logs in by that phone later is this member. No MemberRegistered is published. Set-based; keep it to a
    thousand phones a transaction, each of them is locked.
    """
    by_index = {phone_index(phone): phone for phone in phones}
    lock_phones(list(by_index))
    known = Member.objects.filter(phone_index__in=by_index).values_list("phone_index", Coalesce("merged_into_id", "pk"))
    ids = {by_index[index]: member_id for index, member_id in known if index is not None}
    missing = [(index, phone) for index, phone in by_index.items() if phone not in ids]
    rows = [ImportedMember(source=_BY_PHONE, external_ref="", registered_at=at) for _ in missing]
    created = []
    for member, (index, phone) in zip(_members(rows, at), missing, strict=True):
        member.phone, member.phone_index, member.phone_last4 = phone, index, phone[-4:]
        created.append(member)
    return ids | {member.phone: member.pk for member in Member.objects.bulk_create(created)}


def _create_batch(batch: Sequence[ImportedMember], at: datetime) -> dict[str, int]:
    (source,) = {row.source for row in batch}
    lock_source(source)
    refs = [row.external_ref for row in batch]
    known = Member.objects.filter(source=source, external_ref__in=refs)
    ids = dict(known.values_list("external_ref", Coalesce("merged_into_id", "pk")))
    missing = {row.external_ref: row for row in batch if row.external_ref not in ids}
    created = Member.objects.bulk_create(_members(list(missing.values()), at))
    return ids | {member.external_ref: member.pk for member in created}


def _members(rows: Sequence[ImportedMember], at: datetime) -> Iterator[Member]:
    if not rows:
        return
    tier = lowest_tier()
    points = ledger.open_accounts(asset="points", count=len(rows))
    growth = ledger.open_accounts(asset="growth", count=len(rows))
    numbers = free_numbers(len(rows))
    for row, points_account, growth_account, number in zip(rows, points, growth, numbers, strict=True):
        registered_at = min(row.registered_at, at)
        yield Member(
            number=number,
            points_account_id=points_account,
            growth_account_id=growth_account,
            tier=tier,
            tier_since=registered_at,
            nickname=one_line(row.nickname)[:_NICKNAME] or nickname_for(number),
            channel=Member.Channel.IMPORT,
            source=row.source,
            external_ref=row.external_ref,
            registered_at=registered_at,
        )

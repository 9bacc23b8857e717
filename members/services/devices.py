"""Where members are signed in: noted at each log-in, shown to them, ended by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from knox.models import AuthToken

from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.errors import NotFound
from config.outbox import publishing as outbox
from members.events import NewDeviceUsed
from members.models import Device, Member
from members.rules.devices import device_name, masked_address
from members.services import traces

SEEN_AGAIN_AFTER: Final = timedelta(hours=1)  # how coarse "last used" is


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a request tells of the device it comes from. `device_id`: what an app or our cookie calls it."""

    channel: str
    user_agent: str = ""
    name: str = ""
    device_id: str = ""
    address: str = ""


@transaction_required
def note(*, user_id: int, seen: Seen, at: datetime, token: AuthToken | None = None, session_key: str = "") -> int:
    """Remember that this user is signed in there, by a token or a session; the id of the device.

    Every way to log in comes by here. A device that wasn't the member's before is a fact; the first one of all is not.
    """
    if session_key:
        Device.objects.filter(session_key=session_key).update(session_key="", ended_at=at)
    name = device_name(user_agent=seen.user_agent, said=seen.name)
    index = blind_index(seen.device_id, purpose="device") if seen.device_id else ""
    is_unknown = _is_unknown(user_id, index=index, name=name, channel=seen.channel)
    device = Device.objects.create(
        user_id=user_id,
        name=name,
        channel=seen.channel,
        device_index=index,
        token=token,
        session_key=session_key,
        address=masked_address(seen.address),
        signed_in_at=at,
        last_used_at=at,
    )
    member_id = Member.objects.filter(user=user_id).values_list("pk", flat=True).first()
    if member_id is None:  # staff: they have no inbox
        return device.pk
    traces.note_device(member_id=member_id, device=seen.device_id, at=at)
    if is_unknown:
        outbox.publish(NewDeviceUsed(member_id=member_id, device_id=device.pk, at=at))
    return device.pk


def note_use(*, at: datetime, token_digest: str = "", session_key: str = "") -> None:
    """Note that the device is in use; at most one write an hour. It may run outside a transaction: it stands alone."""
    wanted = Q(token_id=token_digest) if token_digest else Q(session_key=session_key)
    Device.objects.filter(wanted, last_used_at__lt=at - SEEN_AGAIN_AFTER).update(last_used_at=at)


@transaction_required
def end(*, user_id: int, device_id: int, at: datetime) -> None:
    """Sign one device of that user out. Raises NotFound for what is none of theirs or was ended before."""
    if not _end(_open(user_id).filter(pk=device_id), at):
        raise NotFound()


@transaction_required
def prune_next(*, after_id: int, limit: int, before: datetime, at: datetime) -> int | None:
    """Of the next devices by id, sign out and forget those last used before that moment; the last one's id, or None.

    The latest of each log-in stays, signed out: without it the next device would pass for the first of all.
    """
    ids = list(Device.objects.filter(pk__gt=after_id).order_by("pk").values_list("pk", flat=True)[:limit])
    old = Device.objects.filter(pk__in=ids, last_used_at__lt=before)
    _end(old.filter(ended_at=None), at)
    later = Device.objects.filter(user=OuterRef("user"), pk__gt=OuterRef("pk"))
    old.filter(Exists(later)).delete()
    return ids[-1] if len(ids) == limit else None


@transaction_required
def end_session(*, session_key: str, at: datetime) -> None:
    """Note that the session's owner signed out there."""
    Device.objects.filter(session_key=session_key).update(session_key="", ended_at=at)


@transaction_required
def move_session(*, before: str, after: str) -> None:
    """The session goes on under another key."""
    Device.objects.filter(session_key=before).exclude(session_key="").update(session_key=after)


@transaction_required
def end_all(*, user_id: int, at: datetime, but_token: str = "", but_session: str = "") -> int:
    """Sign every device of that user out but the one that asks; how many were. Tokens that no device names go too."""
    others = _open(user_id)
    if but_token:
        others = others.exclude(token_id=but_token)
    if but_session:
        others = others.exclude(session_key=but_session)
    ended = _end(others, at)
    AuthToken.objects.filter(user_id=user_id).exclude(pk=but_token).delete()
    return ended


@transaction_required
def hand_over(*, user_id: int, to_user_id: int, at: datetime) -> None:
    """Sign every device of a log-in that ends out; where it was used counts for the other from now on."""
    end_all(user_id=user_id, at=at)
    Device.objects.filter(user_id=user_id).update(user_id=to_user_id)


def _is_unknown(user_id: int, *, index: str, name: str, channel: str) -> bool:
    """Whether none of the user's devices is this one, by its mark or, where one of both has none, by what it is."""
    mine = Device.objects.filter(user_id=user_id)
    looks_like = Q(name=name, channel=channel) & (Q(device_index="") if index else Q())
    is_mine = Q(device_index=index) | looks_like if index else looks_like
    known = mine.aggregate(devices=Count("pk"), same=Count("pk", filter=is_mine))
    return bool(known["devices"]) and not known["same"]


def _open(user_id: int) -> QuerySet[Device]:
    mine = Device.objects.filter(user_id=user_id, ended_at=None)
    return mine.filter(Q(token__isnull=False) | ~Q(session_key=""))


def _end(devices: QuerySet[Device], at: datetime) -> int:
    rows = list(devices.select_for_update(of=("self",)).order_by("pk").values_list("pk", "token_id", "session_key"))
    Device.objects.filter(pk__in=[pk for pk, _, _ in rows]).update(token=None, session_key="", ended_at=at)
    AuthToken.objects.filter(pk__in=[digest for _, digest, _ in rows if digest]).delete()
    _forget_sessions(key for _, _, key in rows if key)
    return len(rows)


def _forget_sessions(keys: Iterable[str]) -> None:
    """Delete the sessions once this is committed: a page that is asked for meanwhile may still be answered."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        transaction.on_commit(store(key).delete)

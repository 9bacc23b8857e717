"""Where members are signed in: noted at each log-in, shown to them, ended by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from knox.models import AuthToken

from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.errors import NotFound
from members.models import Device
from members.rules.devices import device_name, masked_address

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
    """Remember that this user is signed in there, by a token or a session; the id of the device."""
    if session_key:
        Device.objects.filter(session_key=session_key).update(session_key="", ended_at=at)
    device = Device.objects.create(
        user_id=user_id,
        name=device_name(user_agent=seen.user_agent, said=seen.name),
        channel=seen.channel,
        device_index=blind_index(seen.device_id, purpose="device") if seen.device_id else "",
        token=token,
        session_key=session_key,
        address=masked_address(seen.address),
        signed_in_at=at,
        last_used_at=at,
    )
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

"""Tokens of the API: stored hashed, shown once, revocable."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q
from knox.models import AuthToken

from config.core.db import transaction_required
from members.models import User
from members.services import devices
from members.services.devices import Seen

_MOST: Final = 10  # devices at once; the one that logged in longest ago is logged out


class IssuedToken(NamedTuple):
    """A fresh token; its text can't be read again."""

    text: str
    expires_at: datetime


@transaction_required
def issue(*, user_id: int, at: datetime, seen: Seen | None = None) -> IssuedToken:
    """A token for one more device of that user; expired ones and those past the tenth go."""
    user = User.objects.select_for_update().get(pk=user_id)
    tokens = AuthToken.objects.filter(user=user)
    kept = tokens.filter(Q(expiry=None) | Q(expiry__gt=at)).order_by("-created", "pk").values_list("pk", flat=True)
    tokens.exclude(pk__in=list(kept[: _MOST - 1])).delete()
    token, text = AuthToken.objects.create(user)
    devices.note(user_id=user_id, seen=seen or Seen(channel="mini_program"), at=at, token=token)
    return IssuedToken(text=text, expires_at=token.expiry)


@transaction_required
def revoke(*, digest: str) -> None:
    """Make one token worthless."""
    AuthToken.objects.filter(digest=digest).delete()

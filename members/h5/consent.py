"""The box on the page of log-in: the privacy notice in force, ticked before a code is looked at."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from config.core.db import edge_transaction
from members.models import Member
from members.selectors.privacy_notices import current_notice
from members.services import consents


def asked(request: HttpRequest) -> dict[str, Any] | None:
    """What the box says; None before the shop has published a notice."""
    notice = current_notice()
    if notice is None:
        return None
    is_ticked = request.POST.get("agreed_version") == str(notice.version)
    return {"title": notice.title, "version": notice.version, "is_ticked": is_ticked}


def ticked(request: HttpRequest) -> int:
    """The version that was agreed to; 0 when there is none to agree to. Raises ConsentNeeded."""
    box = asked(request)
    if box is None:
        return 0
    if not box["is_ticked"]:
        raise consents.ConsentNeeded()
    return int(box["version"])


def keep(*, member_id: int, version: int, at: datetime) -> None:
    """Note what was agreed to at the log-in."""
    if version:
        with edge_transaction():
            consents.agree(member_id=member_id, version=version, channel=Member.Channel.H5, at=at)

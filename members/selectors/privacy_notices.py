"""The privacy notice in force, and what a member has agreed to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from members.models import Consent, Member, PrivacyNotice


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A part of the notice; a heading is short and stands for itself."""

    text: str
    is_heading: bool


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A published version."""

    id: int
    version: int
    title: str
    paragraphs: tuple[Paragraph, ...]
    changes: str
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """That the member agreed to a version."""

    version: int
    title: str
    channel: str
    at: datetime


def current_notice() -> Notice | None:
    """The notice in force; None before the first one was published. One query."""
    row = PrivacyNotice.objects.filter(published_at__isnull=False).order_by("-version").first()
    if row is None or row.published_at is None:
        return None
    return Notice(
        id=row.pk,
        version=row.version,
        title=row.title,
        paragraphs=paragraphs(row.text),
        changes=row.changes,
        published_at=row.published_at,
    )


def current_version_rows() -> QuerySet[PrivacyNotice, Any]:
    """A subquery of the version in force."""
    rows = PrivacyNotice.objects.filter(published_at__isnull=False)
    return rows.order_by("-version").values("version")[:1]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The text by lines; one that begins with # is a heading."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(
        Paragraph(text=line.lstrip("# "), is_heading=line.startswith("#")) for line in lines if line.strip("# ")
    )


def agreements(*, member_id: int) -> list[Agreed]:
    """What the member agreed to, the latest first. One query."""
    rows = Consent.objects.filter(member_id=member_id).select_related("notice").order_by("-at", "-pk")
    return [
        Agreed(version=row.notice.version, title=row.notice.title, channel=Member.Channel(row.channel).label, at=row.at)
        for row in rows
    ]

"""The privacy notice and who agreed to which version of it."""

from datetime import datetime
from typing import ClassVar

from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from members.models import Consent, PrivacyNotice
from members.selectors.privacy_notices import current_notice
from members.services.locks import lock_members


class NoticeChanged(DomainError):
    """What was agreed to is not the notice in force (any more)."""

    code: ClassVar[str] = "notice_changed"
    message: ClassVar[str] = "隐私政策刚刚更新，请阅读新的版本后再确认"


class ConsentNeeded(DomainError):
    """The privacy notice in force has to be agreed to first."""

    code: ClassVar[str] = "consent_needed"
    message: ClassVar[str] = "请先阅读并同意最新的隐私政策"
    http_status: ClassVar[int] = 403


class NoticeIsPublished(DomainError):
    """A published version stands as it is."""

    code: ClassVar[str] = "notice_is_published"
    message: ClassVar[str] = "已发布的隐私政策不能再改，请新建一个版本"


class NoticeIsOld(DomainError):
    """A later version was published already. Facts: version."""

    code: ClassVar[str] = "notice_is_old"
    message: ClassVar[str] = "第 {version} 版已经发布，新版本的版本号必须更大"


@transaction_required
def publish(*, notice_id: int, at: datetime) -> int:
    """Put a notice in force; members are asked at their next visit. Its version. Raises NotFound and the two above."""
    rows = {row.pk: row for row in PrivacyNotice.objects.select_for_update().order_by("pk")}
    notice = rows.get(notice_id)
    if notice is None:
        raise NotFound()
    if notice.published_at is not None:
        raise NoticeIsPublished()
    latest = max((row.version for row in rows.values() if row.published_at), default=0)
    if notice.version <= latest:
        raise NoticeIsOld(version=latest)
    notice.published_at = at
    notice.save(update_fields=["published_at"])
    return notice.version


@transaction_required
def agree(*, member_id: int, version: int, channel: str, at: datetime) -> None:
    """Note that the member agrees to the notice in force, once. Raises NoticeChanged when that is another version."""
    notice = current_notice()
    if notice is None or notice.version != version:
        raise NoticeChanged()
    member = lock_members([member_id])[member_id]
    Consent.objects.get_or_create(member=member, notice_id=notice.id, defaults={"channel": channel, "at": at})
    if member.agreed_version < version:
        member.agreed_version = version
        member.save(update_fields=["agreed_version"])

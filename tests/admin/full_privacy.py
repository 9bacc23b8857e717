"""One row at least of everything about profiles and privacy that the back office lists, made by the real services."""

from datetime import datetime

from django.db import transaction

from members.models import Interest, Member, PrivacyNotice, Tag, User
from members.services import closing, consents, tags
from members.services.reveals import reveal


def tell_about_privacy(member: Member, leaving: Member, *, at: datetime) -> None:
    """A notice that `member` agreed to, a tag on them, a look at their phone; and `leaving` asks to leave."""
    clerk = User.objects.get(username="asking")
    Interest.objects.create(name="手冲咖啡")
    with transaction.atomic():
        tag = Tag.objects.create(name="老顾客")
        tags.put_tag(tag_id=tag.pk, member_ids=[member.pk], operator_id=clerk.pk, at=at)
        reveal(member_id=member.pk, what="phone", reason="联系退货", operator_id=clerk.pk, at=at)
        notice, _ = PrivacyNotice.objects.get_or_create(version=1, defaults={"text": "正文"})
        if notice.published_at is None:
            consents.publish(notice_id=notice.pk, at=at)
        consents.agree(member_id=member.pk, version=notice.version, channel="h5", at=at)
        closing.ask_to_close(member_id=leaving.pk, channel="h5", at=at)

"""Members, staff and codes for tests, made through the real services."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from members.models import Member, User
from members.services.registration import register_by_phone
from members.services.sign_in import log_in_of

AT = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE = "13800000001"


def a_member(*, phone: str = PHONE, at: datetime = AT, nickname: str = "") -> Member:
    """A member registered by phone at `at`, with a log-in."""
    with transaction.atomic():
        member_id = register_by_phone(phone=phone, channel="h5", at=at, nickname=nickname).member_id
        log_in_of(member_id=member_id)
    return Member.objects.get(pk=member_id)


def a_clerk(name: str = "clerk") -> User:
    """A member of staff."""
    return User.objects.create_user(username=name, password="clerk-password-1", is_staff=True)

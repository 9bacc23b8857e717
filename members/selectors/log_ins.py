"""Which member a log-in belongs to."""

from members.models import Member


def active_member_id(*, user_id: int) -> int | None:
    """The member of that user, unless frozen or closed. One query."""
    active = Member.objects.filter(user_id=user_id, status=Member.Status.ACTIVE)
    return active.values_list("pk", flat=True).first()

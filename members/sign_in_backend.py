"""Who a session belongs to: the log-in together with its member, in one query."""

from django.contrib.auth.backends import ModelBackend

from members.models import User


class MemberBackend(ModelBackend):
    """Passwords and permissions as Django has them; pages of members need the member of every session."""

    def get_user(self, user_id: int) -> User | None:
        """The active log-in of that id with its member, if it has one."""
        user = User.objects.select_related("member").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

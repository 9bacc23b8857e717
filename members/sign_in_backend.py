"""Who a session belongs to: the log-in together with its member, in one query."""

from django.contrib.auth.backends import ModelBackend

from members.models import User
from members.selectors.sessions import log_in


class MemberBackend(ModelBackend):
    """Passwords and permissions as Django has them; pages of members need the member of every session."""

    def get_user(self, user_id: int) -> User | None:
        """The active log-in of that id; `members.h5.session` finds its member in `signed_in`."""
        found = log_in(user_id=user_id)
        if found is None or not self.user_can_authenticate(found[0]):
            return None
        user, member = found
        user.signed_in = member  # type: ignore[attr-defined]
        return user

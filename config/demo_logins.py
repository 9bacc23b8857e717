"""Who may log in to the demo shop: what `make run` prints and the demo data creates."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DemoLogins:
    """A member (logs in with the code from the dev inbox) and a member of staff (with the password)."""

    member_phone: str
    staff_name: str
    staff_password: str


DEMO_LOGINS = DemoLogins(member_phone="13800000001", staff_name="admin", staff_password="admin-demo")  # noqa: S106  (demo only: DEBUG off refuses to load it)

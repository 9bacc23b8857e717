"""The roles that every shop starts with, made and kept up with the rights that new pages bring."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import F

from config.core.db import transaction_required
from members.models import StaffRole
from members.rules.roles import ROLE_NAMES, rights_of


@transaction_required
def ensure_roles(*, groups: Any = Group, roles: Any = StaffRole) -> None:
    """Make the roles that are missing; a group of that name becomes the role. A migration passes historical models."""
    for code, name in ROLE_NAMES.items():
        if not roles.objects.filter(code=code).exists():
            group, _ = groups.objects.get_or_create(name=name)
            roles.objects.create(code=code, group=group)


@transaction_required
def sync_roles() -> dict[str, int]:
    """Give each role the rights that are new since last time; how many, by role.

    What the merchant took away or added stays so, and so does the name that the merchant gave a role.
    """
    ensure_roles()
    known = _permissions()
    new: dict[str, int] = {}
    for role in StaffRole.objects.select_for_update().select_related("group").order_by("pk"):
        missing = sorted((rights_of(role.code) & known.keys()) - set(role.given))
        role.group.permissions.add(*(known[right] for right in missing))
        role.given = sorted({*role.given, *missing})
        role.save(update_fields=["given"])
        new[role.code] = len(missing)
    return new


def _permissions() -> dict[str, int]:
    rows = Permission.objects.annotate(app=F("content_type__app_label")).values_list("app", "codename", "pk")
    return {f"{app}.{codename}": pk for app, codename, pk in rows}

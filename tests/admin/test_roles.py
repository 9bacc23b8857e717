"""Who may do what: every page and button of the back office, asked as every role, against one table."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from mall.models import Store
from members.admin.roles import offered_permissions
from members.models import StaffRole, User
from members.rules.roles import CLERK, OWNER, OWNER_ALONE, PAGES, RIGHTS, ROLE_NAMES, rights_of
from members.services.roles import sync_roles
from tests.admin.full_shop import fill_shop

_OF_ROWS = ("changelist", "add", "history", "delete", "change", "export", "autocomplete")


def offered() -> set[str]:
    return {right for rights in offered_permissions().values() for right in rights}


def invented() -> set[str]:
    """The rights beyond the four usual ones that our rows declare."""
    rooms = ("points", "members", "mall", "campaigns", "analytics", "outbox", "back_office")
    models = [model for model in apps.get_models() if model._meta.app_label in rooms]
    return {f"{model._meta.app_label}.{codename}" for model in models for codename, _ in model._meta.permissions}


def own_pages() -> dict[str, str]:
    """Name of each address that an admin adds -> label of its model; pages of owners alone are left out."""
    found = {}
    for model, model_admin in admin.site._registry.items():
        if getattr(model_admin, "is_for_owners_alone", False):
            continue
        usual = {f"{model._meta.app_label}_{model._meta.model_name}_{kind}" for kind in _OF_ROWS}
        names = {url.name for url in model_admin.get_urls() if getattr(url, "name", None)}
        found |= dict.fromkeys(names - usual, model._meta.label)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a request did is undone."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # edges may open theirs inside
    with block:
        yield
        transaction.set_rollback(True)


def as_role(role: str) -> Client:
    user = User.objects.create_user(f"as-{role}", password="role-password-1", is_staff=True)
    user.groups.add(StaffRole.objects.get(code=role).group)
    if role == CLERK:  # who has no store sees none of what the pages are about
        Store.objects.get(is_default=True).staff.add(user)
    client = Client()
    client.force_login(user)
    return client


def statuses(client: Client, url: str) -> int:
    with undone():
        return client.get(url, follow=False).status_code


def test_the_table_names_every_right_that_a_page_offers_and_no_other() -> None:
    assert offered() - set(RIGHTS) == set(), "say in members/rules/roles.py who may do this"
    assert set(RIGHTS) - offered() <= invented(), "no page offers this any more"


def test_the_table_names_every_right_that_we_invented() -> None:
    assert invented() - set(RIGHTS) == set()


def test_the_table_names_every_page_that_is_no_list_or_form() -> None:
    assert set(own_pages()) == set(PAGES)


def test_the_pages_of_owners_alone_are_these() -> None:
    labels = {
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if getattr(model_admin, "is_for_owners_alone", False)
    }
    assert labels == OWNER_ALONE


def lists_and_forms() -> dict[str, tuple[str, bool]]:
    """Address of each list and of each form for another row -> the right it takes, and whether owners alone have it."""
    found = {}
    for model, model_admin in admin.site._registry.items():
        app, name = model._meta.app_label, model._meta.model_name
        is_closed = getattr(model_admin, "is_for_owners_alone", False)
        for kind, deed in (("changelist", "view"), ("add", "add")):
            with suppress(NoReverseMatch):  # the page of settings has no form for another
                found[reverse(f"admin:{app}_{name}_{kind}")] = (f"{app}.{deed}_{name}", is_closed)
    return found


def test_each_role_opens_its_lists_and_no_others(owner: Client) -> None:
    sync_all()
    clients = {role: as_role(role) for role in ROLE_NAMES}
    pages = lists_and_forms()
    assert len(pages) > len(admin.site._registry)
    for url, (right, is_closed) in pages.items():
        full = statuses(owner, url)
        for role, client in clients.items():
            expected = full if right in rights_of(role) and not is_closed else 403
            assert statuses(client, url) == expected, f"{ROLE_NAMES[role]} {url}"


def test_each_role_opens_its_buttons_and_pages_and_no_others(owner: Client) -> None:
    fill_shop()
    sync_all()
    clients = {role: as_role(role) for role in ROLE_NAMES}
    for name, label in own_pages().items():
        row = apps.get_model(label)._default_manager.order_by("pk").first()
        url = address(name, row.pk if row else 1)
        if url is None:
            continue
        full = statuses(owner, url)
        for role, client in clients.items():
            expected = full if PAGES[name] in rights_of(role) else 403
            assert statuses(client, url) == expected, f"{ROLE_NAMES[role]} {url}"


def address(name: str, pk: object) -> str | None:
    for args in ([], [pk]):
        try:
            return reverse(f"admin:{name}", args=args)
        except NoReverseMatch:
            continue
    return None


def test_the_report_of_finance_takes_its_own_right() -> None:
    sync_all()
    url = reverse("finance-months")
    seen = {role for role in ROLE_NAMES if statuses(as_role(role), url) == 200}
    assert seen == {OWNER, "finance"}


def test_roles_are_made_once_and_what_the_merchant_changed_stays() -> None:
    sync_all()
    role = StaffRole.objects.get(code="warehouse")
    role.group.name = "库房"
    role.group.save()
    given = role.group.permissions.get(codename="add_shipment")
    role.group.permissions.remove(given)
    sync_all()
    assert StaffRole.objects.count() == len(ROLE_NAMES)
    assert StaffRole.objects.get(code="warehouse").group.name == "库房"
    assert not role.group.permissions.filter(codename="add_shipment").exists()


def test_a_right_that_came_with_an_update_is_given_once() -> None:
    sync_all()
    role = StaffRole.objects.get(code="warehouse")
    role.given = [right for right in role.given if right != "mall.change_stock"]
    role.save()
    role.group.permissions.remove(role.group.permissions.get(codename="change_stock"))
    with transaction.atomic():
        assert sync_roles() == {code: int(code == "warehouse") for code in ROLE_NAMES}
    assert role.group.permissions.filter(codename="change_stock").exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    Group.objects.filter(name="店主").delete()
    call_command("sync_roles")
    assert f"店主：新增 {len(RIGHTS)} 项权限" in capsys.readouterr().out


def sync_all() -> None:
    with transaction.atomic():
        sync_roles()

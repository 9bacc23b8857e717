"""Who may open, change, delete and look back at a row of the back office: every role against the one table."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from config.outbox.services import nudging
from members.models import User
from members.rules.roles import CLERK, ROLE_NAMES, rights_of
from tests.admin.full_shop import fill_shop
from tests.admin.test_roles import as_role, statuses, sync_all, undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, Client]:
    """A browser for each role, in a shop with a row of everything."""
    settings.PAGE_POSTS_PER_MINUTE = 0
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)
    User.objects.create_superuser("owner", password="owner-password-1")
    fill_shop()
    sync_all()
    return {role: as_role(role) for role in ROLE_NAMES}


def tables() -> list[tuple[type[Model], Any]]:
    """What every role may be asked about: the pages of owners alone have a test of their own."""
    return [
        (model, model_admin)
        for model, model_admin in admin.site._registry.items()
        if issubclass(model, Model) and not getattr(model_admin, "is_for_owners_alone", False)
    ]


def posted(client: Client, url: str) -> int:
    with undone():
        return client.post(url, {}).status_code


def test_a_row_is_opened_changed_and_deleted_by_whoever_the_table_names(clients: dict[str, Client]) -> None:
    wrong: list[str] = []
    for model, _ in tables():
        app, name = model._meta.app_label, model._meta.model_name
        row = model._default_manager.order_by("pk").first()
        assert row is not None, f"fill_shop makes no {model._meta.label}"
        for role, client in clients.items():
            rights = rights_of(role)
            views, changes, deletes = (f"{app}.{deed}_{name}" in rights for deed in ("view", "change", "delete"))
            for kind, may_get, may_post in (
                ("change", views or changes, changes),
                ("delete", deletes, deletes),
                ("history", views or changes, None),
            ):
                try:
                    url = reverse(f"admin:{app}_{name}_{kind}", args=[row.pk])
                except NoReverseMatch:
                    continue
                got = statuses(client, url)
                if (got == 403) and may_get and kind != "delete" and role != CLERK:
                    wrong.append(f"{ROLE_NAMES[role]} is refused {url}")
                if (got == 200) and not may_get:
                    wrong.append(f"{ROLE_NAMES[role]} opens {url}")
                if may_post is False and (answer := posted(client, url)) != 403:
                    wrong.append(f"{ROLE_NAMES[role]} posts to {url}: {answer}")
    assert wrong == []


def test_a_list_is_taken_away_by_whoever_may_see_it(clients: dict[str, Client]) -> None:
    wrong: list[str] = []
    for model, _ in tables():
        app, name = model._meta.app_label, model._meta.model_name
        try:
            url = reverse(f"admin:{app}_{name}_export")
        except NoReverseMatch:
            continue
        for role, client in clients.items():
            may = f"{app}.view_{name}" in rights_of(role)
            got = statuses(client, url)
            if (got == 403) is may:
                wrong.append(f"{ROLE_NAMES[role]} {url} {got}")
    assert wrong == []

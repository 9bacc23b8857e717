"""A shop with its real campaigns, its owner, and a member of staff whose rights a test chooses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from config.outbox.services import nudging
from mall.models import Order
from members.models import User
from tests import standing
from tests.admin.full_shop import fill_shop

ClientWith = Callable[..., Client]


@pytest.fixture(autouse=True)
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker is asked."""
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)


@pytest.fixture(scope="module")
def full_shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Order]:
    """One row at least of everything, made once for the tests of a module; what a test adds is rolled back."""
    yield from standing.made_once(fill_shop, django_db_blocker)


@pytest.fixture
def owner() -> Client:
    """A browser in which the owner is logged in."""
    user = User.objects.create_superuser("owner", password="owner-password-1", first_name="店长")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff_with() -> ClientWith:
    """Make a browser for a member of staff with these rights: "app.codename"."""

    def client_with(*rights: str) -> Client:
        user = User.objects.create_user(f"staff{User.objects.count()}", password="staff-password-1", is_staff=True)
        for right in rights:
            app, codename = right.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        client = Client()
        client.force_login(user)
        return client

    return client_with

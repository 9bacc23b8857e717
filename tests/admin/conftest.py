"""A shop with its real campaigns, its owner, and a member of staff whose rights a test chooses."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from config.outbox.services import nudging
from members.models import User

ClientWith = Callable[..., Client]


@pytest.fixture(autouse=True)
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker is asked."""
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)


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

"""A table derived from the admin registry: who gets which page, and that nothing on it is English."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from config import navigation
from members.models import User
from tests.admin.conftest import ClientWith
from tests.admin.visible_text import latin_words

pytestmark = pytest.mark.usefixtures("full_shop")
REGISTERED = sorted(
    (model for model in admin.site._registry if issubclass(model, Model)),  # the page of settings is no table
    key=lambda model: model._meta.label,
)
# what a page may show in Latin letters: keys, codes of these tests, and machine references that staff look up
_ALLOWED = re.compile(
    r"^(H5|ID|JSON|Ctrl|K|esc|owner|tea|products|banner|default|test|gift|v\d+|t-\d+|SKU-\d+|f6f4f|SF\d+|"
    r"[a-z]+\.[a-z_]+|[a-z-]+:[\w:.-]+|[a-z]+_[a-z_]+)$",
    re.IGNORECASE,
)


def labels(model: type[Model]) -> str:
    return model._meta.label


def page(model: type[Model], kind: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def pages_of(model: type[Model]) -> list[str]:
    """List, add and change page of a model; its first row must be there."""
    row = model._default_manager.order_by("pk").first()
    if labels(model) == "members.User":
        row = model._default_manager.get(username="owner")
    assert row is not None, f"fill_shop makes no {model._meta.label}"
    return [page(model, "changelist"), page(model, "change", row.pk)]


@pytest.mark.parametrize("model", REGISTERED, ids=labels)
def test_the_owner_sees_every_list_and_every_row(model: type[Model], owner: Client) -> None:
    assert [owner.get(url).status_code for url in pages_of(model)] == [200, 200]


@pytest.mark.parametrize("model", REGISTERED, ids=labels)
def test_the_owner_may_add_exactly_what_the_admin_lets_in(model: type[Model], owner: Client) -> None:
    response = owner.get(page(model, "changelist"))
    may_add = admin.site._registry[model].has_add_permission(response.wsgi_request)
    assert owner.get(page(model, "add")).status_code == (200 if may_add else 403)


@pytest.mark.parametrize("model", REGISTERED, ids=labels)
def test_a_stranger_is_led_to_the_log_in(model: type[Model]) -> None:
    for kind in ("changelist", "add"):
        response = Client().get(page(model, kind))
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('admin:login')}?next={page(model, kind)}"


@pytest.mark.parametrize("model", REGISTERED, ids=labels)
def test_staff_without_the_right_are_refused(model: type[Model], staff_with: ClientWith, owner: Client) -> None:
    clerk = staff_with()
    assert [clerk.get(url).status_code for url in [*pages_of(model), page(model, "add")]] == [403, 403, 403]


def test_every_page_of_the_sidebar_exists() -> None:
    listed = [item[2] for _, pages in navigation.JOBS for item in pages]
    registered = {model._meta.label_lower for model in REGISTERED}
    assert [name for name in listed if name not in registered] == ["constance.config"]


def test_what_the_sidebar_leaves_out_is_reached_from_a_page_that_it_lists() -> None:
    listed = {item[2] for _, pages in navigation.JOBS for item in pages}
    assert {model._meta.label_lower for model in REGISTERED} - listed == {"campaigns.grant", "outbox.message"}


def english(html: str) -> list[str]:
    return sorted({word for word in latin_words(html) if not _ALLOWED.match(word)})


@pytest.mark.parametrize("model", REGISTERED, ids=labels)
def test_no_list_and_no_row_shows_english(model: type[Model], owner: Client) -> None:
    User.objects.filter(username="owner").update(password="!")  # the page would show parts of a hash
    for url in pages_of(model):
        assert english(owner.get(url).content.decode()) == [], url


def test_the_page_of_settings_and_its_history_show_no_english(owner: Client) -> None:
    assert english(owner.get(reverse("admin:constance_config_changelist")).content.decode()) == []
    assert english(owner.get(reverse("admin:constance_config_history")).content.decode()) == []


def test_the_dashboard_shows_no_english(owner: Client) -> None:
    assert english(owner.get("/admin/").content.decode()) == []


def test_log_in_and_password_pages_show_no_english(owner: Client) -> None:
    log_in = Client().get("/admin/login/?next=/admin/").content.decode()
    password = owner.get("/admin/password_change/").content.decode()
    assert english(log_in) == []
    assert english(password) == []

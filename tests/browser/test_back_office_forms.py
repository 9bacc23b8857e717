"""Every form of the back office on a small desk: nothing stands off the screen, every box holds what is put into it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from members.models import User

NARROWEST = 64
# boxes of the form in which something is read: too narrow, or beyond the form's right edge
BAD = """narrowest => {
  const edge = document.documentElement.clientWidth;
  const boxes = ':is(input:not([type=hidden],[type=checkbox],[type=radio]),select:not(.admin-autocomplete),textarea)';
  const found = [...document.querySelectorAll(`form .field-line ${boxes}, form .inline-related select`)]
    .filter(box => box.checkVisibility({visibilityProperty: true}))
    .map(box => [box.name, box.getBoundingClientRect()])
    .filter(([, at]) => at.width && (at.width < narrowest || at.right > edge))
    .map(([name, at]) => `${name} is ${Math.round(at.width)} wide and ends at ${Math.round(at.right)}`);
  const wide = document.documentElement.scrollWidth;
  return wide > edge ? [...found, `the page is ${wide} wide`] : found;
}"""


def test_every_form_fits_on_a_small_desk(desk: Page, live_server: Any) -> None:
    owner = User.objects.filter(is_superuser=True).order_by("pk")[0]
    client = Client()
    client.force_login(owner)
    desk.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    desk.set_viewport_size({"width": 1280, "height": 900})
    found = [
        f"{path}: {sentence}"
        for path in _forms(client)
        if desk.goto(path)
        for sentence in desk.evaluate(BAD, NARROWEST)
    ]
    assert not found, "\n".join(found)


def _forms(client: Client) -> Iterator[str]:
    """Where something new is written down, and the newest row of each kind that the demo shop has."""
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if client.get(reverse(f"{place}_add")).status_code == 200:
            yield reverse(f"{place}_add")
        row = model.objects.order_by("-pk").first() if issubclass(model, Model) else None
        if row is not None:
            yield reverse(f"{place}_change", args=[row.pk])

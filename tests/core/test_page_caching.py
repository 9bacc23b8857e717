"""Pages are kept by nobody but the browser that they were made for."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/me/", "/categories/", "/nowhere/", "/cart/"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_page_and_its_parts_are_private_and_told_apart(path: str, headers: dict[str, str]) -> None:
    response = Client().get(path, headers=headers)
    assert set(response.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert "HX-Request" in response.headers["Vary"]


def test_what_a_view_says_about_caching_stands() -> None:
    assert "no-store" in Client().get("/login/").headers["Cache-Control"]

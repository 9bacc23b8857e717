"""Uploaded pictures are served by name, and nothing else is."""

from pathlib import Path

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "tea.webp").write_bytes(b"picture")
    (tmp_path / "secret.txt").write_text("secret")


def test_a_picture_is_served() -> None:
    response = Client().get("/media/tea.webp")
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"picture")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["no.webp", "a" * 300 + ".webp", "%00", ""])
def test_a_name_that_no_picture_has_is_not_found(name: str) -> None:
    assert Client().get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(
    "way", ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "/etc/passwd", "x/../../secret.txt"]
)
def test_nothing_outside_is_reached(way: str) -> None:
    response = Client().get(f"/media/{way}")
    assert response.status_code in {400, 404}
    assert b"secret" not in response.content.replace(b"secret.txt", b"")


def test_pictures_are_only_read() -> None:
    assert Client().delete("/media/tea.webp").status_code == 405

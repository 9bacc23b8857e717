"""Whatever a cookie says, it is a session's key or nothing."""

import pytest
from django.test import Client

from config.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/cart/", "/login/", "/admin/"])
@pytest.mark.parametrize(
    "sealed", ['"\\000aaaaaaaaaaaaaaaaaaa"', '"\\377\\376aaaaaaaaaaaa"', "a" * 5000, "{}[]", "é" * 20]
)
def test_a_broken_cookie_is_a_visitors(path: str, sealed: str) -> None:
    broken, fresh = (Client().get(path, headers={"Cookie": cookie}) for cookie in (f"sessionid={sealed}", ""))
    assert (broken.status_code, broken.headers.get("Location")) == (fresh.status_code, fresh.headers.get("Location"))


def test_a_session_that_was_kept_is_found_again() -> None:
    store = SessionStore()
    store["seen"] = 1
    store.save()
    assert SessionStore(store.session_key)["seen"] == 1

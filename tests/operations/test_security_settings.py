"""With DEBUG off the shop refuses to start unsafely; with a full environment Django has nothing to object to."""

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from config.embedded.places import ROOT
from tests.operations.starting import Ended, fresh_processes

Started = Callable[[str, dict[str, str]], Ended]
STRICT = {
    "base-uri 'self'",
    "default-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "object-src 'none'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
}


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def full_environment(**changes: str | None) -> dict[str, str]:
    """What docs/operations.md tells an operator to set, with keys of this moment."""
    full = {
        "PATH": os.environ["PATH"],
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ENCRYPTION_KEYS": f"k1:{key()}",
        "BLIND_INDEX_KEY": key(),
        "ALLOWED_HOSTS": "shop.example.com",
        "CSRF_TRUSTED_ORIGINS": "https://shop.example.com",
        "TRUSTED_PROXIES": "127.0.0.1",
        "SMS_SENDER": "shop.messages.send",
        "DATABASE_URL": "postgres://mall@127.0.0.1:1/mall",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return {name: value for name, value in {**full, **changes}.items() if value is not None}


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    with fresh_processes() as run:
        yield run


def test_djangos_deployment_check_has_nothing_to_object_to() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=full_environment(), capture_output=True, text=True, check=False)
    # settings say which one check is silenced, and why
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (1 silenced).\n"), done.stderr


@pytest.mark.parametrize("variable", ["DATABASE_URL", "CSRF_TRUSTED_ORIGINS"])
def test_fresh_processes_know_their_environment_and_no_other(started: Started, variable: str) -> None:
    code = "import os, sys; print(sorted(os.environ), [one for one in sys.modules if one.split('.')[0] == 'config'])"
    assert started(code, {variable: "1"}) == (0, f"['{variable}'] []\n", "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"ENCRYPTION_KEYS": None}, "ENCRYPTION_KEYS"),
        ({"BLIND_INDEX_KEY": None}, "BLIND_INDEX_KEY"),
        ({"SMS_SENDER": None}, "console sender"),
        ({"SMS_SENDER": "console"}, "console sender"),
        ({"SANDBOX_CASHIER": "true"}, "sandbox cashier"),
        ({"DEV_INBOX": "true"}, "dev inbox"),
        ({"SECRET_KEY": "django-insecure-short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY"),
        ({"ENCRYPTION_KEYS": f"k1:{base64.b64encode(b'too short').decode()}"}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": "no name"}, "ENCRYPTION_KEYS"),
        ({"BLIND_INDEX_KEY": "no Base64!"}, "BLIND_INDEX_KEY"),
    ],
)
def test_it_refuses_to_start_with(started: Started, changes: dict[str, str | None], reason: str) -> None:
    done = started("import config.settings", full_environment(**changes))
    assert done.code == 1
    assert "ImproperlyConfigured" in done.err
    assert reason in done.err.splitlines()[-1]


def test_the_keys_that_the_example_shows_are_refused(started: Started) -> None:
    shown = {}
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, _, value = line.removeprefix("# ").partition("=")
        if name in {"SECRET_KEY", "ENCRYPTION_KEYS", "BLIND_INDEX_KEY"}:
            shown[name] = value
    assert set(shown) == {"SECRET_KEY", "ENCRYPTION_KEYS", "BLIND_INDEX_KEY"}
    for name, value in shown.items():
        done = started("import config.settings", full_environment(**{name: value}))
        assert (done.code, name in done.err.splitlines()[-1]) == (1, True)


def test_cookies_transport_and_logs_are_those_of_production(started: Started) -> None:
    code = """
import json
from config import settings
names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_PROXY_SSL_HEADER",
    "SECURE_REFERRER_POLICY", "X_FRAME_OPTIONS", "METRICS_ALLOWED", "ALLOWED_HOSTS", "SERVE_MEDIA"]
print(json.dumps([getattr(settings, name) for name in names]), settings.LOGGING["formatters"]["chosen"]["()"].__name__)
"""
    said = started(code, full_environment()).out
    assert said == (
        '[true, true, true, "Lax", true, 31536000, true, ["HTTP_X_FORWARDED_PROTO", "https"], "same-origin", "DENY", '
        '[], ["shop.example.com"], false] JsonFormatter\n'
    )


def test_without_a_trusted_proxy_nobodys_word_makes_a_connection_secure(
    started: Started,
) -> None:
    code = "from config import settings; print(settings.SECURE_PROXY_SSL_HEADER)"
    assert started(code, full_environment(TRUSTED_PROXIES=None)).out == "None\n"


def policy(client: Client, path: str) -> set[str]:
    return set(client.get(path).headers["Content-Security-Policy"].split("; "))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/login/", "/no/such/page/", "/api/v1/schema/"])
def test_pages_of_members_have_the_strict_policy(client: Client, path: str) -> None:
    assert policy(client, path) == STRICT


@pytest.mark.django_db
def test_the_docs_page_may_set_styles_and_no_more(client: Client) -> None:
    assert policy(client, "/api/v1/docs/") == STRICT - {"style-src 'self'"} | {"style-src 'self' 'unsafe-inline'"}


@pytest.mark.django_db
def test_only_the_back_office_may_evaluate(admin_client: Client) -> None:
    assert {"script-src 'self' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'"} <= policy(admin_client, "/admin/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/admin/login/", "/api/v1/docs/"])
def test_every_page_says_what_browsers_may_do(client: Client, path: str) -> None:
    headers = client.get(path, follow=True).headers
    assert headers["Permissions-Policy"].startswith("browsing-topics=(), camera=(), geolocation=()")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"

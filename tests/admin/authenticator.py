"""A member of staff's phone with an authenticator app, and the browser beside it."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from django.db import transaction
from django.test import Client

from config.back_office.models import TwoStepDevice
from config.back_office.two_step import codes, devices
from members.models import User

LOG_IN = "/admin/login/?next=/admin/"
SET_UP = "/admin/two-step/"
CODE = "/admin/two-step/code/"
PASSWORD = "warehouse-pass-1"


def now() -> datetime:
    return datetime.now(UTC)


def code_of(user: User, *, steps: int = 0) -> str:
    """What the app shows, so many half minutes from now."""
    secret = TwoStepDevice.objects.get(user=user).secret
    return codes.code_at(secret=secret, step=codes.step_at(now()) + steps)


def wrong_code_of(user: User) -> str:
    """Six digits that the app shows at no time near."""
    near = {code_of(user, steps=steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


def switch_on(user: User) -> list[str]:
    """The second step is on, since a while ago; the backup codes."""
    secret = codes.new_secret()
    code = codes.code_at(secret=secret, step=codes.step_at(now()))
    with transaction.atomic():
        _, backup = devices.switch_on(user_id=user.pk, secret=secret, code=code, at=now())
    TwoStepDevice.objects.filter(user=user).update(last_step=0)
    return backup


def shown_secret(client: Client) -> str:
    """The secret that the page of setting up shows to this browser."""
    found = re.search(r'<code class="mall-secret"[^>]*>([A-Z2-7 ]+)</code>', client.get(SET_UP).content.decode())
    assert found is not None
    return found[1].replace(" ", "")


def give_password(client: Client, username: str = "lin", password: str = PASSWORD) -> str:
    """Where the right password leads."""
    response = client.post(LOG_IN, {"username": username, "password": password})
    return str(response.headers.get("Location", response.status_code))


def give_code(client: Client, code: str, *, goal: str = "/admin/") -> str:
    """Where a code leads, or the status of the page that refuses it."""
    response = client.post(CODE, {"code": code, "next": goal})
    return str(response.headers.get("Location", response.status_code))


def through_both_steps(user: User, clock: time_machine.Traveller) -> Client:
    """A browser whose user gave password and code a minute ago."""
    client = Client()
    give_password(client, user.username)
    assert give_code(client, code_of(user)) == "/admin/"
    clock.shift(timedelta(seconds=60))
    return client


def is_in(client: Client) -> bool:
    """Whether this browser sees the dashboard."""
    return client.get("/admin/").status_code == 200

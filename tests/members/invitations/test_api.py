"""Inviting from the mini-program: the same code, steps, attribution and visits as on pages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import DevMessage, Invitation, Member, ShareVisit
from members.services import api_tokens
from tests.members.factories import a_member
from tests.members.invitations.scenes import a_newcomer, code_of

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def inviter() -> Member:
    return a_member(nickname="周一诺")


@pytest.fixture
def app(client: Client, inviter: Member) -> Client:
    token = api_tokens.issue(user_id=inviter.user_id, at=timezone.now())
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token.text}"
    return client


def log_in(capture: Any, **rest: str) -> None:
    client, phone = Client(), "13700002222"
    with capture(execute=True):
        client.post(f"{API}auth/codes/", {"phone": phone}, content_type="application/json")
    code = re.search(r"\d{6}", DevMessage.objects.latest("pk").text)
    assert code is not None
    sent = {"phone": phone, "code": code[0], **rest}
    answer = client.post(f"{API}auth/login/", sent, content_type="application/json")
    assert answer.status_code == 200, answer.content


def test_the_code_comes_with_link_and_totals(app: Client, inviter: Member) -> None:
    a_newcomer(inviter, at=timezone.now())
    answer = app.get(f"{API}invitations/code/").json()
    assert answer["code"] == code_of(inviter)
    assert answer["url"] == f"http://testserver/i/{answer['code']}/"
    assert answer["totals"] == {"registered": 1, "waiting": 1, "rewarded": 0, "not_counted": 0}


def test_friends_are_listed_page_by_page_with_masked_names(app: Client, inviter: Member) -> None:
    for number in range(3):
        a_newcomer(inviter, at=timezone.now() - timedelta(days=number))
    first = app.get(f"{API}invitations/?limit=2").json()
    rest = app.get(f"{API}invitations/?limit=2&cursor={first['next_cursor']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, ""]
    assert {item["name"] for item in first["items"]} == {"会**"}
    assert app.get(f"{API}invitations/?cursor=x").status_code == 400


def test_a_newcomer_of_the_app_counts_for_the_inviter(inviter: Member, django_capture_on_commit_callbacks: Any) -> None:
    log_in(django_capture_on_commit_callbacks, invite_code=code_of(inviter).lower(), device_id="phone-1")
    invitation = Invitation.objects.get()
    assert (invitation.inviter, invitation.state) == (inviter, "registered")


@pytest.mark.parametrize(("days", "counts"), [(29, 1), (31, 0), (-1, 1)])
def test_what_the_app_says_of_the_first_touch_counts(
    inviter: Member, django_capture_on_commit_callbacks: Any, days: int, counts: int
) -> None:
    opened = (timezone.now() - timedelta(days=days)).isoformat()
    log_in(django_capture_on_commit_callbacks, invite_code=code_of(inviter), touched_at=opened)
    assert Invitation.objects.count() == counts


def test_codes_that_are_none_are_ignored(django_capture_on_commit_callbacks: Any) -> None:
    log_in(django_capture_on_commit_callbacks, invite_code="💥", channel_code="../x")
    assert Invitation.objects.count() == 0


def test_anybody_may_ask_who_invites(inviter: Member) -> None:
    assert Client().get(f"{API}inviters/{code_of(inviter)}/").json()["nickname"] == "周一诺"
    assert Client().get(f"{API}inviters/ZZZZZZZ/").status_code == 404


def test_a_shared_page_is_opened_by_a_friend_once(app: Client, inviter: Member) -> None:
    shared = app.post(f"{API}shares/", {"path": "/products/1/"}, content_type="application/json").json()
    friend, body = Client(), {"device_id": "phone-9"}
    for _ in range(2):
        opened = friend.post(f"{API}shares/{shared['code']}/visits/", body, content_type="application/json").json()
    assert opened == {"path": "/products/1/", "invite_code": code_of(inviter)}
    own = app.post(f"{API}shares/{shared['code']}/visits/", {"device_id": "x"}, content_type="application/json")
    assert own.status_code == 200
    assert sorted(visit.refusal for visit in ShareVisit.objects.all()) == ["", "own"]
    away = app.post(f"{API}shares/", {"path": "//evil.example"}, content_type="application/json")
    assert away.status_code == 400

"""Privacy over the API: what is refused before consent and while leaving, and what stays open."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from members.models import Member, PrivacyNotice
from members.services import consents
from tests.api.conftest import Api, with_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(member: Member) -> Api:
    return with_token(member.user)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_notice_in_force_is_agreed_to_first(mine: Api) -> None:
    assert mine.get("me/").status_code == 200
    with transaction.atomic():
        PrivacyNotice.objects.all().delete()
        notice = PrivacyNotice.objects.create(version=3, text="# 收集\n手机号")
        consents.publish(notice_id=notice.pk, at=timezone.now())
    assert code_of(mine.get("me/")) == (403, "consent_needed")
    assert mine.get("privacy/notice/").json()["paragraphs"][0] == {"text": "收集", "is_heading": True}
    assert code_of(mine.post("privacy/consent/", {"version": 2})) == (409, "notice_changed")
    assert mine.post("privacy/consent/", {"version": 3}).status_code == 204
    assert mine.get("me/").status_code == 200


def test_while_leaving_nothing_but_staying_is_possible(mine: Api) -> None:
    assert mine.get("privacy/closing/").json()["asked_at"] is None
    assert mine.post("privacy/closing/").status_code == 201
    assert code_of(mine.get("me/")) == (403, "account_closing")
    assert code_of(mine.post("privacy/closing/")) == (409, "already_closing")
    assert mine.get("privacy/closing/").json()["due_at"] is not None
    assert mine.delete("privacy/closing/").status_code == 204
    assert code_of(mine.delete("privacy/closing/")) == (409, "not_closing")
    assert mine.get("me/").status_code == 200


def test_a_copy_is_asked_for_once_and_not_there_before_it_is_made(mine: Api) -> None:
    copy = mine.post("privacy/copies/")
    assert (copy.status_code, copy.json()["status"]) == (202, "pending")
    assert code_of(mine.post("privacy/copies/")) == (409, "copy_pending")
    assert mine.get(f"privacy/copies/{copy.json()['id']}/").status_code == 404

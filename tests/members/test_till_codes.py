"""Codes for the till: a minute, once, and a screenshot is worth nothing afterwards."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from config.core.db import fetch_one
from members.models import Member, TillSecret
from members.rules import till_codes as rules
from members.services import till_codes
from members.services.registration import MemberClosed, MemberFrozen
from members.services.till_codes import TillCodeExpired, WrongTillCode
from tests.api.conftest import with_token
from tests.members.factories import AT, a_member


def shown(member: Member, at=AT) -> str:
    with transaction.atomic():
        return till_codes.code_of(member_id=member.pk, at=at).text


def taken(code: str, at=AT) -> int:
    with transaction.atomic():
        return till_codes.member_of(code=code, at=at)


@pytest.fixture
def member(db) -> Member:
    return a_member()


def test_a_code_is_digits_and_names_the_member(member: Member) -> None:
    code = shown(member)
    assert code.isdecimal()
    assert code.startswith(f"88{member.number}")
    assert len(code) == 2 + len(member.number) + 8
    assert taken(code) == member.pk


def test_the_till_may_send_spaces_along(member: Member) -> None:
    code = shown(member)
    assert taken(f" {code[:6]} {code[6:]}\n") == member.pk


def test_a_code_lives_for_exactly_a_minute(member: Member) -> None:
    code = shown(member)
    with pytest.raises(TillCodeExpired) as refusal:
        taken(code, AT + timedelta(seconds=60))
    assert (refusal.value.text, refusal.value.http_status) == ("会员码已失效或已使用，请会员刷新后重新出示", 409)
    assert taken(code, AT + timedelta(seconds=59, milliseconds=999)) == member.pk


def test_a_code_of_the_future_is_none(member: Member) -> None:
    with pytest.raises(TillCodeExpired):
        taken(shown(member, AT + timedelta(seconds=1)))


def test_a_code_is_taken_once(member: Member) -> None:
    code = shown(member)
    taken(code)
    with pytest.raises(TillCodeExpired):
        taken(code, AT + timedelta(seconds=1))


def test_a_screenshot_made_before_is_worthless_once_a_later_code_was_taken(member: Member) -> None:
    screenshot = shown(member)
    taken(shown(member, AT + timedelta(seconds=5)), AT + timedelta(seconds=5))
    with pytest.raises(TillCodeExpired):
        taken(screenshot, AT + timedelta(seconds=6))


def test_the_next_code_works_after_one_was_taken(member: Member) -> None:
    taken(shown(member))
    later = AT + timedelta(seconds=1)
    assert taken(shown(member, later), later) == member.pk


@pytest.mark.parametrize("change", [0, 1, -1])
def test_a_proof_of_another_member_proves_nothing(member: Member, change: int) -> None:
    other = a_member(phone="13800000002")
    shown(other)
    code = shown(member)
    forged = f"88{other.number}{(int(code[-8:]) + change) % 10**8:08d}"
    with pytest.raises(TillCodeExpired):
        taken(forged)
    assert TillSecret.objects.filter(used_second__gt=0).count() == 0


@pytest.mark.parametrize(
    "code", ["", "88", "99123456789012345678", "８８1234567890", "88x", "8" * 100_000, "88'; --", "\x00"]
)
def test_what_is_no_code_is_refused_in_words(member: Member, code: str) -> None:
    with pytest.raises(WrongTillCode) as refusal:
        taken(code)
    assert (refusal.value.field, refusal.value.http_status) == ("code", 400)


def test_a_member_who_never_showed_a_code_has_none(member: Member) -> None:
    with pytest.raises(WrongTillCode):
        taken(f"88{member.number}00000000")


@pytest.mark.parametrize(("status", "refusal"), [("frozen", MemberFrozen), ("closed", MemberClosed)])
def test_a_member_who_is_not_active_is_refused(member: Member, status: str, refusal: type[Exception]) -> None:
    code = shown(member)
    Member.objects.update(status=status)
    with pytest.raises(refusal):
        taken(code)


def test_the_secret_is_sealed_and_can_be_renewed(member: Member) -> None:
    code = shown(member)
    stored = fetch_one("SELECT secret FROM members_tillsecret", {})
    assert stored is not None
    assert TillSecret.objects.get().secret not in stored[0]
    till_codes.renew_secret(member_id=member.pk)
    with pytest.raises(WrongTillCode):
        taken(code)


@given(second=st.integers(10**9, 2 * 10**9), age=st.integers(-5, 70))
def test_a_proof_is_known_while_it_is_less_than_a_minute_old(second: int, age: int) -> None:
    code = rules.read(rules.code_for(number="1234567890", secret=b"k" * 32, second=second))
    assert code is not None
    made = rules.second_of(proof=code.proof, secret=b"k" * 32, second=second + age)
    assert made == (second if 0 <= age < 60 else None)


@pytest.mark.django_db(transaction=True)
def test_of_two_tills_that_scan_one_code_at_once_one_gets_the_member() -> None:
    code = shown(a_member())
    barrier, answers = threading.Barrier(4), []

    def scan() -> None:
        try:
            barrier.wait(timeout=5)
            answers.append(taken(code))
        except TillCodeExpired:
            answers.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=scan) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer is None for answer in answers) == [False, True, True, True]


def test_the_page_shows_number_and_a_code_and_renews_itself(member: Member, client: Client) -> None:
    client.force_login(member.user, backend="members.sign_in_backend.MemberBackend")
    page = client.get("/code/").content.decode()
    assert member.number in page
    assert "<svg" in page
    assert 'hx-trigger="every 40s, expired"' in page
    part = client.get("/code/", headers={"HX-Request": "true"}).content.decode()
    assert ("<svg" in part, "<html" in part) == (True, False)
    assert client.get("/code/")["Cache-Control"].startswith("max-age=0, no-cache")


def test_the_page_costs_few_queries(member: Member, client: Client, django_assert_max_num_queries) -> None:
    client.force_login(member.user, backend="members.sign_in_backend.MemberBackend")
    client.get("/code/")
    with django_assert_max_num_queries(10):
        client.get("/code/")


def test_the_api_gives_the_same(member: Member) -> None:
    from django.utils import timezone

    answer = with_token(member.user).get("till-code/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert taken(answer.json()["code"], timezone.now()) == member.pk

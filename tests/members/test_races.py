"""What happens at once happens once; each race has a control that shows the fault without the guard."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from members.models import DevMessage, LoginCode, Member, Tier, TierChange
from members.rules.addresses import AddressForm
from members.rules.codes import CodeSentRecently
from members.selectors.addresses import addresses
from members.services import addresses as address_book
from members.services import login_codes, registration, tiers
from members.services.addresses import save_address
from members.services.growth import post_growth
from members.services.locks import OnLadder
from members.services.registration import register_by_phone
from members.services.sign_in import sign_in_by_code
from tests.members.factories import AT, PHONE, a_member

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
_AT_ONCE = 4


def at_once(act: Callable[[int], object], times: int = _AT_ONCE) -> list[object]:
    """What each of `times` threads answered or raised, all let go together, each on its own connection."""
    answers: list[object] = [None] * times
    start = threading.Barrier(times)

    def run(number: int) -> None:
        start.wait()
        try:
            answers[number] = act(number)
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers


def meeting_point(times: int = _AT_ONCE) -> Callable[[], None]:
    """Makes unguarded threads wait for each other, so that the control shows the fault every time."""
    barrier = threading.Barrier(times)

    def meet() -> None:
        try:
            barrier.wait(timeout=3)
        except threading.BrokenBarrierError:
            return

    return meet


def kinds(answers: list[object]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def register(_: int) -> object:
    with transaction.atomic():
        return register_by_phone(phone=PHONE, channel="h5", at=AT)


def test_registering_one_phone_at_once_makes_one_member() -> None:
    answers = at_once(register)
    assert len({answer.member_id for answer in answers}) == 1  # type: ignore[attr-defined]
    assert sorted(answer.is_new for answer in answers) == [False, False, False, True]  # type: ignore[attr-defined]
    assert Member.objects.count() == 1


def test_control_without_the_lock_the_second_registration_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    meet = meeting_point()
    plain = registration.free_numbers
    monkeypatch.setattr(registration, "lock_phone", lambda index: None)
    monkeypatch.setattr(registration, "free_numbers", lambda count: meet() or plain(count))
    answers = at_once(register)
    assert kinds(answers) == ["IntegrityError"] * 3 + ["Registered"]
    assert isinstance(next(a for a in answers if isinstance(a, Exception)), IntegrityError)


def sent_code() -> str:
    with transaction.atomic():
        login_codes.send_code(phone=PHONE, address="203.0.113.7", at=AT)
    return re.search(r"\d{6}", DevMessage.objects.latest("pk").text)[0]


def use(code: str) -> Callable[[int], object]:
    return lambda _: sign_in_by_code(phone=PHONE, code=code, channel="h5", at=AT)


def test_a_code_used_at_once_works_once() -> None:
    assert kinds(at_once(use(sent_code()))) == ["CodeExpired"] * 3 + ["SignedIn"]


def test_control_without_the_conditional_claim_a_code_works_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    meet = meeting_point()

    def look_then_write(code_id: int, at: object) -> bool:
        is_free = LoginCode.objects.get(pk=code_id).used_at is None
        LoginCode.objects.filter(pk=code_id).update(used_at=at)
        return is_free

    monkeypatch.setattr(login_codes, "_count_try", lambda code_id, limit: meet() or 4)
    monkeypatch.setattr(
        login_codes, "_claim", lambda code_id, at: look_together(meet_again, look_then_write, code_id, at)
    )
    meet_again = meeting_point()
    assert kinds(at_once(use(sent_code()))) == ["SignedIn"] * 4


def look_together(meet: Callable[[], None], claim: Callable[[int, object], bool], code_id: int, at: object) -> bool:
    """Let all look before any writes: what two processes do when nothing holds them back."""
    is_free = LoginCode.objects.get(pk=code_id).used_at is None
    meet()
    claim(code_id, at)
    return is_free


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_guesses_at_once_all_count() -> None:
    code = sent_code()
    answers = at_once(use(wrong(code)), times=8)
    assert kinds(answers) == ["TooManyTries"] * 4 + ["WrongCode"] * 4
    assert LoginCode.objects.get().tries == 5


def test_control_without_the_conditional_count_guesses_get_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    meet = meeting_point()

    def look_then_write(code_id: int, limit: int) -> int:
        tries = LoginCode.objects.get(pk=code_id).tries
        meet()
        LoginCode.objects.filter(pk=code_id).update(tries=tries + 1)
        return limit - tries - 1

    monkeypatch.setattr(login_codes, "_count_try", look_then_write)
    at_once(use(wrong(sent_code())))
    assert LoginCode.objects.get().tries == 1


def send(_: int) -> None:
    with transaction.atomic():
        login_codes.send_code(phone=PHONE, address="203.0.113.7", at=AT)


def test_asking_for_codes_at_once_sends_one() -> None:
    assert kinds(at_once(send)) == ["CodeSentRecently"] * 3 + ["NoneType"]
    assert DevMessage.objects.count() == 1


def test_control_without_the_locks_every_request_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    meet = meeting_point()
    plain = login_codes._sent_before
    monkeypatch.setattr(login_codes, "lock_phone", lambda index: None)
    monkeypatch.setattr(login_codes, "lock_network", lambda index: None)

    def look_together_first(index: str, network: str, at: object) -> object:
        found = plain(index, network, at)  # type: ignore[arg-type]
        meet()
        return found

    monkeypatch.setattr(login_codes, "_sent_before", look_together_first)
    answers = at_once(send)
    assert not any(isinstance(answer, CodeSentRecently) for answer in answers)
    assert DevMessage.objects.count() == 4


def new_address(member_id: int) -> Callable[[int], object]:
    def act(number: int) -> object:
        form = AddressForm(
            recipient="周一诺", phone=PHONE, region_code="330106", detail=f"文三路 {number} 号", is_default=True
        )
        with transaction.atomic():
            return save_address(member_id=member_id, form=form, at=AT)

    return act


def test_new_default_addresses_at_once_leave_one_default() -> None:
    member = a_member()
    assert kinds(at_once(new_address(member.pk))) == ["int"] * 4
    assert [row.is_default for row in addresses(member_id=member.pk)] == [True, False, False, False]


def test_control_without_the_lock_two_defaults_meet_the_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    member = a_member()
    meet = meeting_point()
    monkeypatch.setattr(address_book, "lock_members", lambda ids: meet())
    assert "IntegrityError" in kinds(at_once(new_address(member.pk)))


def test_growth_earned_at_once_is_all_counted_for_the_tier() -> None:
    member = a_member()

    def earn(number: int) -> None:
        with transaction.atomic():
            post_growth(
                member_id=member.pk,
                points=250,
                key=f"g{number}",
                source="x",
                at=AT + timedelta(seconds=number),
                cause="x",
            )

    assert kinds(at_once(earn)) == ["NoneType"] * 4
    member.refresh_from_db()
    assert member.tier.code == "silver"
    assert Member.objects.filter(pk=F("pk")).count() == 1


def test_looking_at_a_tier_at_once_moves_once_and_without_the_lock_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's lock counts the growth; the member's lock keeps two looks from writing one move twice."""
    member = a_member()
    with transaction.atomic():
        post_growth(member_id=member.pk, points=1000, key="g", source="x", at=AT, cause="x")
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="bronze"))
    before, meet = TierChange.objects.count(), meeting_point()

    def look_together(ids: list[int]) -> list[Any]:
        rows = Member.objects.filter(pk__in=ids).values_list("pk", "tier_id", "growth_account_id")
        found = [OnLadder(*row) for row in rows]
        meet()
        return found

    def look(number: int) -> bool:
        with transaction.atomic():
            return tiers.reevaluate(member_id=member.pk, at=AT, cause="x")

    assert sorted(map(bool, at_once(look))) == [False, False, False, True]
    assert TierChange.objects.count() == before + 1
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="bronze"))
    monkeypatch.setattr(tiers, "lock_on_ladder", look_together)
    unlocked = at_once(look)
    assert unlocked.count(True) > 1 or "IntegrityError" in kinds(unlocked), "without the lock one move is written twice"

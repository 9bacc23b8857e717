"""One gift card wanted by many at once, or voided meanwhile; the controls show the fault without the card's lock."""

import pytest
from django.db import transaction

from members.models import GiftCard, GiftCardBatch, Member, Subscription
from members.services import gift_cards
from tests.members.factories import AT, a_clerk, a_member
from tests.members.plans.factories import a_plan
from tests.members.test_races import at_once, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def a_code() -> str:
    batch = GiftCardBatch.objects.create(name="年会", plan=a_plan("month", kind="month"), quantity=1)
    with transaction.atomic():
        (code,) = gift_cards.export(batch_id=batch.pk, user_id=a_clerk().pk, at=AT)
    return code


def activate(member: Member, code: str) -> object:
    with transaction.atomic():
        return gift_cards.activate(member_id=member.pk, code=code, at=AT)


def void() -> object:
    with transaction.atomic():
        return gift_cards.void_batch(batch_id=GiftCardBatch.objects.get().pk, at=AT)


def no_lock(monkeypatch: pytest.MonkeyPatch, *, times: int) -> None:
    meet = meeting_point(times)

    def read(code: str) -> GiftCard:
        card = GiftCard.objects.select_related("batch").get()
        meet()
        return card

    monkeypatch.setattr(gift_cards, "_locked_card", read)


def want_it_at_once() -> list[str]:
    code, members = a_code(), [a_member(phone=f"1380000000{number}") for number in range(4)]
    return sorted(type(answer).__name__ for answer in at_once(lambda number: activate(members[number], code)))


def test_one_of_many_who_type_a_code_at_once_gets_its_month() -> None:
    assert want_it_at_once() == ["Added", "WrongGiftCard", "WrongGiftCard", "WrongGiftCard"]
    assert Subscription.objects.values_list("member", flat=True).get() == GiftCard.objects.get().member_id


def test_control_without_the_cards_lock_only_the_key_in_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    no_lock(monkeypatch, times=4)
    answers = want_it_at_once()
    assert answers != ["Added", "WrongGiftCard", "WrongGiftCard", "WrongGiftCard"]
    assert {"IntegrityError", "SubscriptionKeyReused"} & set(answers)


def test_a_card_that_is_voided_and_typed_at_once_is_one_or_the_other() -> None:
    code, member = a_code(), a_member()
    answers = at_once(lambda number: void() if number else activate(member, code), times=2)
    pair = (type(answers[0]).__name__, answers[1], GiftCard.objects.get().state, Subscription.objects.count())
    assert pair in [("Added", 0, "activated", 1), ("WrongGiftCard", 1, "void", 0)]


def test_control_without_the_lock_a_void_card_brings_time(monkeypatch: pytest.MonkeyPatch) -> None:
    code, member = a_code(), a_member()
    card = GiftCard.objects.select_related("batch").get()
    monkeypatch.setattr(gift_cards, "_locked_card", lambda typed: card)
    assert void() == 1
    with pytest.raises(Exception, match="giftcard_state_has_its_time"):
        activate(member, code)


def test_a_batch_that_two_export_at_once_makes_its_codes_once() -> None:
    batch = GiftCardBatch.objects.create(name="年会", plan=a_plan("month", kind="month"), quantity=3)
    clerk = a_clerk()

    def export(number: int) -> object:
        with transaction.atomic():
            return gift_cards.export(batch_id=batch.pk, user_id=clerk.pk, at=AT)

    assert sorted(type(answer).__name__ for answer in at_once(export)) == [*["BatchExported"] * 3, "list"]
    assert GiftCard.objects.count() == 3

"""Gift cards: made once, kept as hashes, activated once, the same answer for every code that brings nothing."""

from collections.abc import Callable

import pytest
from django.db import transaction

from members.models import GiftCard, GiftCardBatch, Member, Subscription
from members.rules.plans import read_code
from members.services import gift_cards, subscriptions
from members.services.gift_cards import BatchExported, TooManyGiftCardTries, WrongGiftCard
from members.services.merging import merge_members
from members.services.subscriptions import AlreadyForLife, NotActive
from tests.members.factories import AT, a_clerk, a_member
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db


def to_full_width(code: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in code)


@pytest.fixture
def batch() -> GiftCardBatch:
    plan = a_plan("month", kind="month", price_cents=3000)
    return GiftCardBatch.objects.create(name="双十二礼品卡", plan=plan, quantity=3)


@pytest.fixture
def codes(batch: GiftCardBatch) -> list[str]:
    return gift_cards.export(batch_id=batch.pk, user_id=a_clerk().pk, at=AT)


@pytest.fixture
def member() -> Member:
    return a_member()


def test_codes_are_shown_once_and_kept_as_hashes(batch: GiftCardBatch, codes: list[str]) -> None:
    assert len(set(codes)) == 3
    assert all(len(read_code(code)) == 16 for code in codes)
    kept = str(list(GiftCard.objects.values()))
    assert not any(code in kept or read_code(code) in kept for code in codes)
    assert sorted(GiftCard.objects.values_list("last4", flat=True)) == sorted(code[-4:] for code in codes)
    with pytest.raises(BatchExported):
        gift_cards.export(batch_id=batch.pk, user_id=batch.pk, at=AT)


def test_a_code_brings_the_plan_however_it_is_typed(codes: list[str], member: Member) -> None:
    typed = codes[0].lower().replace("-", " ").replace("a", "ａ")
    first = gift_cards.activate(member_id=member.pk, code=typed, at=AT)
    assert gift_cards.activate(member_id=member.pk, code=codes[0], at=AT) == first
    (row,) = Subscription.objects.filter(member=member)
    assert (row.source, row.paid_cents, row.worth_cents, row.months) == ("gift_card", 0, 3000, 1)


def test_unknown_used_void_and_late_codes_get_the_same_answer(
    batch: GiftCardBatch, codes: list[str], member: Member
) -> None:
    other = a_member(phone="13800000002")
    gift_cards.activate(member_id=other.pk, code=codes[0], at=AT)
    gift_cards.void(card_ids=[GiftCard.objects.get(last4=codes[1][-4:]).pk], at=AT)
    GiftCardBatch.objects.update(expires_at=AT)
    answers = set()
    for code in ("", "什么", "AAAA-BBBB-CCCC-DDDD", *codes):
        with pytest.raises(WrongGiftCard) as refused:
            gift_cards.activate(member_id=member.pk, code=code, at=AT)
        answers.add(refused.value.text)
    assert len(answers) == 1
    assert not Subscription.objects.filter(member=member).exists()


def test_voiding_leaves_activated_cards_alone(batch: GiftCardBatch, codes: list[str], member: Member) -> None:
    gift_cards.activate(member_id=member.pk, code=codes[0], at=AT)
    assert gift_cards.void_batch(batch_id=batch.pk, at=AT) == 2
    assert sorted(GiftCard.objects.values_list("state", flat=True)) == ["activated", "void", "void"]


def test_a_card_of_who_is_a_member_for_life_stays_unused(codes: list[str], member: Member) -> None:
    buy(a_plan("life", kind="lifetime"), member_id=member.pk, order=1)
    with pytest.raises(AlreadyForLife), transaction.atomic():
        gift_cards.activate(member_id=member.pk, code=codes[0], at=AT)
    assert set(GiftCard.objects.values_list("state", flat=True)) == {"issued"}


def test_who_was_merged_since_gets_the_same_answer_for_the_card_of_the_duplicate(
    codes: list[str], member: Member
) -> None:
    kept = a_member(phone="13800000002")
    first = gift_cards.activate(member_id=member.pk, code=codes[0], at=AT)
    merge_members(source_id=member.pk, target_id=kept.pk, at=AT)
    subscriptions.repoint(source_id=member.pk, target_id=kept.pk, at=AT)
    assert gift_cards.activate(member_id=kept.pk, code=codes[0], at=AT) == first
    assert Subscription.objects.count() == 1


def test_a_card_that_a_merge_overtakes_is_the_kept_ones(codes: list[str], member: Member) -> None:
    kept = a_member(phone="13800000002")
    merge_members(source_id=member.pk, target_id=kept.pk, at=AT)
    gift_cards.activate(member_id=member.pk, code=codes[0], at=AT)
    assert Subscription.objects.values_list("member", flat=True).get() == kept.pk
    assert GiftCard.objects.values_list("member", flat=True).get(state="activated") == kept.pk


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_who_is_frozen_or_has_left_activates_no_card_and_begins_no_trial(
    codes: list[str], member: Member, status: str
) -> None:
    Member.objects.filter(pk=member.pk).update(status=status)
    plan = a_plan(trial_days=7)
    with pytest.raises(NotActive), transaction.atomic():
        gift_cards.activate(member_id=member.pk, code=codes[0], at=AT)
    with pytest.raises(NotActive), transaction.atomic():
        subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)
    assert set(GiftCard.objects.values_list("state", flat=True)) == {"issued"}
    assert not Subscription.objects.exists()


def test_a_batch_that_has_codes_makes_no_more_whatever_it_says(batch: GiftCardBatch, codes: list[str]) -> None:
    GiftCardBatch.objects.update(exported_at=None)  # a page that was open before the export, saved after it
    with pytest.raises(BatchExported):
        gift_cards.export(batch_id=batch.pk, user_id=batch.pk, at=AT)
    assert GiftCard.objects.count() == 3


@pytest.mark.parametrize("spell", [str.lower, to_full_width, lambda code: "\u200b " + code.replace("-", "\u3000")])
def test_spellings_of_one_code(codes: list[str], member: Member, spell: Callable[[str], str]) -> None:
    assert gift_cards.activate(member_id=member.pk, code=spell(codes[0]), at=AT).ends_at is not None


def test_ten_tries_an_hour(member: Member) -> None:
    for _ in range(10):
        gift_cards.count_try(member_id=member.pk)
    with pytest.raises(TooManyGiftCardTries):
        gift_cards.count_try(member_id=member.pk)

"""Points given or taken by hand."""

from datetime import datetime

import pytest

from config.core.errors import InvalidInput, NotFound
from config.core.time import SHANGHAI
from members.models import PointsNote
from members.selectors.statement import entry_in_words
from members.services.adjustments import adjust_points
from points import ledger
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db


def test_points_given_by_hand_carry_reason_operator_and_expiry() -> None:
    member, clerk = a_member(), a_clerk()
    entry = adjust_points(member_id=member.pk, points=200, text=" 补偿\n漏发 ", operator_id=clerk.pk, key="a1", at=AT)
    assert (entry.kind, entry.spendable, entry.source) == ("adjust", 200, f"staff:{clerk.pk}")
    note = PointsNote.objects.get()
    assert (note.entry_id, note.member_id, note.operator_id, note.text) == (entry.id, member.pk, clerk.pk, "补偿 漏发")
    lapsing = ledger.balance(account=member.points_account_id, at=AT).lapsing
    assert lapsing == [(datetime(2027, 12, 1, tzinfo=SHANGHAI), 200)]
    assert entry_in_words(account=member.points_account_id, entry_id=entry.id).note == "补偿 漏发"


def test_the_same_key_again_books_and_notes_once() -> None:
    member, clerk = a_member(), a_clerk()
    first, again = (
        adjust_points(member_id=member.pk, points=200, text=text, operator_id=clerk.pk, key="a1", at=AT)
        for text in ("补偿", "又点了一次")
    )
    assert first.id == again.id
    assert PointsNote.objects.get().text == "补偿"
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 200


def test_the_same_key_with_another_amount_is_refused() -> None:
    member, clerk = a_member(), a_clerk()
    adjust_points(member_id=member.pk, points=200, text="补偿", operator_id=clerk.pk, key="a1", at=AT)
    with pytest.raises(ledger.KeyReused):
        adjust_points(member_id=member.pk, points=300, text="补偿", operator_id=clerk.pk, key="a1", at=AT)


def test_more_than_there_is_cannot_be_taken() -> None:
    member, clerk = a_member(), a_clerk()
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        adjust_points(member_id=member.pk, points=-1, text="误发", operator_id=clerk.pk, key="a1", at=AT)
    assert refusal.value.text == "积分不足：可用 0 积分，需要 1 积分"
    assert not PointsNote.objects.exists()


@pytest.mark.parametrize(
    ("points", "text", "fields"),
    [
        (0, "补偿", {"points": "调整数量不能为 0"}),
        (5, " \n", {"text": "请填写调整原因"}),
        (5, "长" * 201, {"text": "调整原因最多 200 个字"}),
        (0, "", {"points": "调整数量不能为 0", "text": "请填写调整原因"}),
    ],
)
def test_an_adjustment_needs_an_amount_and_a_reason(points: int, text: str, fields: dict[str, str]) -> None:
    member, clerk = a_member(), a_clerk()
    with pytest.raises(InvalidInput) as refusal:
        adjust_points(member_id=member.pk, points=points, text=text, operator_id=clerk.pk, key="a1", at=AT)
    assert refusal.value.fields == fields


def test_nobody_has_no_points_to_adjust() -> None:
    with pytest.raises(NotFound):
        adjust_points(member_id=10**12, points=5, text="补偿", operator_id=a_clerk().pk, key="a1", at=AT)

"""What no service writes and the database refuses: the nets under giving."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import BenefitGift, Campaign, Grant, Receipt
from campaigns.services.granting import grant_for_order
from members.models import Benefit
from tests.campaigns.cases import THURSDAY
from tests.campaigns.rows import a_member, an_order, presets_installed

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt() -> Receipt:
    """The receipt of an order that earned 100 points."""
    presets_installed()
    order = an_order(a_member(), cents=10000, paid_at=THURSDAY)
    with transaction.atomic():
        return Receipt.objects.get(pk=grant_for_order(order_id=order.pk, at=THURSDAY))


def refused_by(constraint: str, write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_an_occurrence_has_one_receipt_per_member_and_one_grant_per_campaign(receipt: Receipt) -> None:
    grant = Grant.objects.filter(receipt=receipt)[0]
    for row, constraint in ((receipt, "receipt_once_per_occurrence"), (grant, "grant_once_per_occurrence")):
        row.pk = None
        if isinstance(row, Receipt):
            row.points_entry = row.growth_entry = None
        refused_by(constraint, lambda row=row: row.save(force_insert=True))  # type: ignore[misc]


def test_a_campaign_never_gives_less_than_nothing(receipt: Receipt) -> None:
    refused_by("grant_amounts_not_negative", lambda: Grant.objects.update(points=-1))


def test_a_receipt_gives_and_only_a_clawback_takes(receipt: Receipt) -> None:
    refused_by("receipt_gives_or_takes_back", lambda: Receipt.objects.update(points=-1))


def test_a_receipt_that_names_an_entry_names_its_amount(receipt: Receipt) -> None:
    refused_by("receipt_entry_has_amount", lambda: Receipt.objects.filter(pk=receipt.pk).update(points=0))


def test_an_amount_below_nothing_earns_nothing(receipt: Receipt) -> None:
    refused_by("receipt_base_not_negative", lambda: Receipt.objects.update(base_cents=-1))


@pytest.mark.parametrize("change", [{"status": "on"}, {"stacking": "multiply"}])
def test_a_campaign_in_no_known_state_is_refused(receipt: Receipt, change: dict[str, str]) -> None:
    refused_by("campaign_status_and_stacking_known", lambda: Campaign.objects.update(**change))


@pytest.fixture
def gift(receipt: Receipt) -> BenefitGift:
    """A gift that waits."""
    return BenefitGift.objects.create(
        member=receipt.member,
        kind="birthday_gift",
        origin="tier",
        granted_by="gold",
        period="2026",
        title="生日礼",
        due_at=THURSDAY,
    )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"points": -1}, "benefitgift_points_not_negative"),
        ({"origin": "shop"}, "benefitgift_origin_known"),
        ({"state": "lost"}, "benefitgift_given_by_receipt"),
        ({"state": "given", "points": 200}, "benefitgift_given_by_receipt"),
    ],
)
def test_a_gift_that_makes_no_sense_is_refused(gift: BenefitGift, change: dict[str, object], constraint: str) -> None:
    refused_by(constraint, lambda: BenefitGift.objects.update(**change))


def test_what_waits_has_no_receipt_and_what_was_given_has_points(gift: BenefitGift, receipt: Receipt) -> None:
    for change in ({"receipt": receipt}, {"receipt": receipt, "state": "given", "points": 0}):
        refused_by("benefitgift_given_by_receipt", lambda change=change: BenefitGift.objects.update(**change))  # type: ignore[misc]


def test_a_gift_comes_once_per_member_kind_origin_and_period(gift: BenefitGift) -> None:
    gift.pk, gift.granted_by = None, "diamond"
    refused_by("benefitgift_once_per_period", lambda: gift.save(force_insert=True))


def test_a_gift_goes_back_once(receipt: Receipt) -> None:
    def take_back(number: int) -> Receipt:
        return Receipt.objects.create(
            member=receipt.member,
            occurrence=f"welcome_gift:{number}",
            trigger="benefit_taken_back",
            origin=receipt,
            points=-1,
            at=THURSDAY,
            created_at=THURSDAY,
        )

    take_back(1)
    refused_by("receipt_gift_taken_back_once", lambda: take_back(2))


@pytest.mark.parametrize("value", ["0", "1.5", "100001"])
def test_points_of_a_gift_are_whole_and_within_reason(value: str) -> None:
    gifts = Benefit.objects.filter(kind="birthday_gift")
    refused_by("benefit_gift_points_whole", lambda: gifts.update(value=Decimal(value)))

"""The sandbox reports who paid, as a provider would: by it invitations of oneself are found."""

from collections.abc import Callable

import pytest
from django.db import transaction

from mall.services import payments, sandbox_cashier
from members.models import Member
from tests.mall.builders import LATER, a_sku, place, start
from tests.mall.test_first_orders import a_newcomer, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
Payer = Callable[[Member, int], payments.PaymentOutcome]


def by_page(member: Member, order_id: int) -> payments.PaymentOutcome:
    with transaction.atomic():
        return sandbox_cashier.pay(order_id=order_id, member_id=member.pk, at=LATER)


def by_api(member: Member, order_id: int) -> payments.PaymentOutcome:
    out_trade_no = start(order_id).out_trade_no
    with transaction.atomic():
        return sandbox_cashier.collect(out_trade_no=out_trade_no, member_id=member.pk, at=LATER)


def from_wallet_of(owner: Member, order_id: int) -> payments.PaymentOutcome:
    started = start(order_id)
    with transaction.atomic():
        return payments.record_success(
            out_trade_no=started.out_trade_no,
            amount_cents=started.amount_cents,
            transaction_id=f"t-{started.out_trade_no}",
            payer=sandbox_cashier.wallet_of(member_id=owner.pk),
            at=LATER,
        )


ways = pytest.mark.parametrize("pay", [by_page, by_api])


@ways
def test_two_members_of_the_sandbox_are_two_payers(pay: Payer) -> None:
    newcomer, invitation = a_newcomer()
    sku = a_sku()
    for member in (invitation.inviter, newcomer):
        assert pay(member, place(member, (sku, 1)).order_id) == payments.PaymentOutcome.PAID
    assert (state(invitation)[0], invitation.refusal) == ("paid", "")


@ways
def test_a_newcomer_who_pays_from_the_inviters_wallet_is_refused(pay: Payer) -> None:
    newcomer, invitation = a_newcomer()
    sku = a_sku()
    pay(invitation.inviter, place(invitation.inviter, (sku, 1)).order_id)
    from_wallet_of(invitation.inviter, place(newcomer, (sku, 1)).order_id)
    assert (state(invitation)[0], invitation.refusal) == ("refused", "self")


@ways
def test_a_newcomer_whose_own_wallet_paid_for_another_member_is_refused(pay: Payer) -> None:
    newcomer, invitation = a_newcomer()
    third, _ = a_newcomer()
    sku = a_sku()
    from_wallet_of(newcomer, place(third, (sku, 1)).order_id)
    pay(newcomer, place(newcomer, (sku, 1)).order_id)
    assert (state(invitation)[0], invitation.refusal) == ("refused", "same_payment")


def test_nobody_is_found_by_a_provider_that_can_not_know_who_pays() -> None:
    newcomer, invitation = a_newcomer()
    sku = a_sku()
    for member in (invitation.inviter, newcomer):
        started = start(place(member, (sku, 1)).order_id)
        with transaction.atomic():
            payments.record_success(
                out_trade_no=started.out_trade_no,
                amount_cents=started.amount_cents,
                transaction_id=f"t-{started.out_trade_no}",
                payer=None,
                at=LATER,
            )
    assert (state(invitation)[0], invitation.refusal) == ("paid", "")

"""Orders of newcomers are reported to the members' room: paid, completed, refunded."""

import pytest
from django.db import transaction

from mall.services import orders, payments
from members.models import Attribution, Channel, ChannelOrder, Invitation, Member
from tests.mall.builders import AT, LATER, a_buyer, a_paid_order, a_sku, pay, place, receive, redeem, ship, start
from tests.mall.test_refunds import give_back, lines_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


def a_newcomer(*, points: int = 0) -> tuple[Member, Invitation]:
    """Somebody who was invited and came by a channel."""
    inviter, newcomer = a_buyer(), a_buyer(points=points)
    channel, _ = Channel.objects.get_or_create(code="lin", defaults={"name": "小林"})
    Attribution.objects.create(member=newcomer, channel=channel, touched_at=AT, attributed_at=AT)
    invitation = Invitation.objects.create(inviter=inviter, invitee=newcomer, touched_at=AT, registered_at=AT)
    return newcomer, invitation


def state(invitation: Invitation) -> tuple[str, int | None, int]:
    invitation.refresh_from_db()
    return invitation.state, invitation.first_order_id, invitation.first_order_cents


def revenue() -> list[tuple[int, int, int, bool]]:
    rows = ChannelOrder.objects.order_by("order_id")
    return list(rows.values_list("order_id", "paid_cents", "refunded_cents", "is_first"))


def test_the_first_paid_order_is_reported_with_its_goods_without_freight() -> None:
    newcomer, invitation = a_newcomer()
    cheap = a_sku(price_cents=3000)
    unpaid = place(newcomer, (cheap, 1))
    order, second = a_paid_order(newcomer, (cheap, 1)), a_paid_order(newcomer, (cheap, 2))
    assert (order.payable_cents, order.freight_cents) == (3800, 800)
    assert state(invitation) == ("paid", order.pk, 3000)
    assert revenue() == [(order.pk, 3000, 0, True), (second.pk, 6000, 0, False)]
    assert unpaid.order_id < order.pk


def test_a_redemption_is_no_first_order_even_with_cash() -> None:
    newcomer, invitation = a_newcomer(points=1000)
    reward = a_sku(redeem_points=500, redeem_cash_cents=100)
    pay(redeem(newcomer, reward, points=500, cash_cents=100).order_id)
    assert (state(invitation), revenue()) == (("registered", None, 0), [])


def test_completion_starts_the_wait() -> None:
    newcomer, invitation = a_newcomer()
    order = a_paid_order(newcomer, (a_sku(), 1))
    ship(order.pk)
    assert state(invitation)[0] == "paid"
    receive(order.pk)
    assert (state(invitation)[0], invitation.completed_at) == ("completed", LATER)


def test_refunds_are_reported_by_their_goods_and_the_last_one_ends_it() -> None:
    newcomer, invitation = a_newcomer()
    order = a_paid_order(newcomer, (a_sku(price_cents=3000), 2))
    line = lines_of(order)[0]
    give_back(order, {line.pk: 1})
    assert (state(invitation), revenue()) == (("paid", order.pk, 3000), [(order.pk, 6000, 3000, True)])
    give_back(order, {line.pk: 1}, key="r2")
    assert (state(invitation), revenue()) == (("clawed_back", order.pk, 0), [(order.pk, 6000, 6000, True)])


def test_a_repeated_refund_is_reported_once() -> None:
    newcomer, invitation = a_newcomer()
    order = a_paid_order(newcomer, (a_sku(price_cents=3000), 2))
    line = lines_of(order)[0]
    assert give_back(order, {line.pk: 1}) == give_back(order, {line.pk: 1})
    assert state(invitation)[2] == 3000


def test_who_pays_from_the_inviters_account_is_refused() -> None:
    newcomer, invitation = a_newcomer()
    sku = a_sku()
    for member in (invitation.inviter, newcomer):
        started = start(place(member, (sku, 1)).order_id)
        with transaction.atomic():
            payments.record_success(
                out_trade_no=started.out_trade_no,
                amount_cents=started.amount_cents,
                transaction_id=f"t-{started.out_trade_no}",
                payer="openid-of-one",
                at=LATER,
            )
    assert (state(invitation)[0], invitation.refusal) == ("refused", "self")


def test_an_order_of_a_walk_in_is_reported_to_nobody() -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    type(order).objects.filter(pk=order.pk).update(member=None)
    ship(order.pk)
    receive(order.pk)
    assert (Invitation.objects.count(), revenue()) == (0, [])


def test_an_unpaid_order_that_is_cancelled_leaves_the_newcomer_waiting() -> None:
    newcomer, invitation = a_newcomer()
    placed = place(newcomer, (a_sku(), 1))
    with transaction.atomic():
        orders.cancel(order_id=placed.order_id, at=LATER)
    assert state(invitation) == ("registered", None, 0)

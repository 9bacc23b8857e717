"""What staff decide about dead letters."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from config.core.db import transaction_required
from config.outbox.models import Delivery, DeliveryState
from config.outbox.services import nudging


@transaction_required
def redeliver(*, deliveries: Sequence[int]) -> list[Delivery]:
    """Give dead letters a fresh set of tries, at once; returns those that were dead."""
    dead = _dead_for_update(deliveries)
    for delivery in dead:
        delivery.state, delivery.attempts, delivery.retry_at = DeliveryState.PENDING, 0, None
    Delivery.objects.bulk_update(dead, ["state", "attempts", "retry_at"])
    _wake_streams(dead)
    return dead


@transaction_required
def skip(*, deliveries: Sequence[int], at: datetime) -> list[Delivery]:
    """Give dead letters up, so that their lines go on behind them; returns those that were dead."""
    dead = _dead_for_update(deliveries)
    for delivery in dead:
        delivery.state, delivery.resolved_at = DeliveryState.SKIPPED, at
    Delivery.objects.bulk_update(dead, ["state", "resolved_at"])
    _wake_streams(dead)
    return dead


def _dead_for_update(deliveries: Sequence[int]) -> list[Delivery]:
    rows = Delivery.objects.select_for_update().filter(pk__in=deliveries, state=DeliveryState.DEAD)
    return list(rows.order_by("pk"))


def _wake_streams(dead: Sequence[Delivery]) -> None:
    streams = sorted({delivery.stream for delivery in dead})
    transaction.on_commit(lambda: nudging.nudge(streams=streams), robust=True)

"""What is the same whichever process is asked: the outbox, open orders, tasks, the ledger's last audit."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import redis
from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.operations import noticeboard
from config.outbox.models import OPEN_STATES, Delivery
from mall.models import Order

# Of the closed ones there are ever more; counting them is a report's work.
_OPEN_ORDERS = [Order.Status.CREATED, Order.Status.PAID, Order.Status.SHIPPED, Order.Status.RECEIVED]


class ShopCollector(Collector):
    """Asks database and Redis when Prometheus asks; a server that is down is told as such and hides no other."""

    def collect(self) -> Iterable[Metric]:
        at = timezone.now()
        reachable = GaugeMetricFamily("mall_server_reachable", "1 when that server answered.", labels=["server"])
        sources: list[tuple[str, type[Exception], Callable[[datetime], Iterator[Metric]]]] = [
            ("database", DatabaseError, _of_database),
            ("redis", redis.RedisError, _of_redis),
        ]
        for name, failure, source in sources:
            try:
                found = list(source(at))
            except failure:
                reachable.add_metric([name], 0)
            else:
                reachable.add_metric([name], 1)
                yield from found
        yield reachable


def _of_database(at: datetime) -> Iterator[Metric]:
    open_ones = Delivery.objects.filter(state__in=OPEN_STATES).order_by()
    counted = open_ones.values_list("state").annotate(Count("pk"), Min("message__published_at"))
    rows = {state: (count, oldest) for state, count, oldest in counted}
    deliveries = GaugeMetricFamily("mall_outbox_deliveries", "Facts not delivered.", labels=["state"])
    ages = GaugeMetricFamily("mall_outbox_oldest_seconds", "Age of the oldest of these.", labels=["state"])
    for state in OPEN_STATES:
        count, oldest = rows.get(state, (0, at))
        deliveries.add_metric([str(state)], count)
        ages.add_metric([str(state)], max(0.0, (at - oldest).total_seconds()))
    yield from (deliveries, ages)
    counts = dict(Order.objects.filter(status__in=_OPEN_ORDERS).order_by().values_list("status").annotate(Count("pk")))
    orders = GaugeMetricFamily("mall_open_orders", "Orders that wait for something.", labels=["status"])
    for status in _OPEN_ORDERS:
        orders.add_metric([str(status)], counts.get(status, 0))
    yield orders


def _of_redis(at: datetime) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "mall_task_runs", "Runs of background tasks, by how they ended.", labels=["task", "outcome"]
    )
    seconds = CounterMetricFamily("mall_task_run_seconds", "Time spent in them.", labels=["task", "outcome"])
    for tally in noticeboard.tallies():
        runs.add_metric([tally.task, tally.outcome], tally.runs)
        seconds.add_metric([tally.task, tally.outcome], tally.seconds)
    yield from (runs, seconds)
    told = {
        "heartbeat": ("mall_heartbeat_timestamp_seconds", "When beat and a worker last lived."),
        "ledger-audited": ("mall_ledger_audit_timestamp_seconds", "When the ledger was last audited."),
        "ledger-discrepancies": ("mall_ledger_discrepancies", "Sums that did not hold then: 0 or an alarm."),
    }
    for name, (metric, meaning) in told.items():
        value = noticeboard.read(name)
        if value is not None:
            yield GaugeMetricFamily(metric, meaning, value=value)

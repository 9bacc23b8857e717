"""Counts of this web server's requests, and how they are told to Prometheus.

Several processes of one server write into files under PROMETHEUS_MULTIPROC_DIR (config/serve.py sets it), and whichever
is asked adds them up.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from config.operations.shop_metrics import ShopCollector

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_here = CollectorRegistry()
_requests = Counter("mall_requests", "Requests answered, by route and status.", ["route", "status"], registry=_here)
_seconds = Histogram("mall_request_seconds", "How long answers took.", ["route"], buckets=_BUCKETS, registry=_here)


def count_request(*, route: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    _requests.labels(route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


def exposition() -> bytes:
    """Everything known, in Prometheus' text format."""
    shop = CollectorRegistry()
    shop.register(ShopCollector())
    return generate_latest(_all_processes()) + generate_latest(shop)


def _all_processes() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _here
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry

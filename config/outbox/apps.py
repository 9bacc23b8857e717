"""The outbox as a Django app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Facts, their deliveries, and the answers kept for repeated API writes."""

    name = "config.outbox"
    label = "outbox"
    verbose_name = "事件"

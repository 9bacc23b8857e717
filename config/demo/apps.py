"""App config of the demo."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Brings `manage.py demo`."""

    name = "config.demo"
    label = "demo"

"""App config of analytics."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers what this room offers to others."""

    name = "analytics"
    verbose_name = "数据"

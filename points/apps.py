"""The points app: a bank that knows no people."""

from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "points"
    label = "points"
    verbose_name = "积分"

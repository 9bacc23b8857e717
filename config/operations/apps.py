"""Operations as a Django app: its tasks and commands are found by that."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Health, metrics, logs, limits, backups."""

    name = "config.operations"
    label = "operations"
    verbose_name = "运维"

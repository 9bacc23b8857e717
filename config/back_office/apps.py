from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    """Two-step log-in and the list of deeds."""

    name = "config.back_office"
    label = "back_office"
    verbose_name = "后台安全"

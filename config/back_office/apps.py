from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    """Two-step log-in and the list of deeds."""

    name = "config.back_office"
    label = "back_office"
    verbose_name = "后台安全"

    def ready(self) -> None:
        from config.back_office.audit import erasing
        from members.ports import register_personal_part

        register_personal_part(erasing.NOTES)

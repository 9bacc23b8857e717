"""App config of members."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Registers what this room offers to others."""

    name = "members"
    verbose_name = "会员"

    def ready(self) -> None:
        from members import blocks

        blocks.register()

"""App config of mall."""

from django.apps import AppConfig


class MallConfig(AppConfig):
    """Registers what this room offers to others."""

    name = "mall"
    verbose_name = "商品与订单"

    def ready(self) -> None:
        from mall import blocks, reach

        blocks.register()
        reach.register()

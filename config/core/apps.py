from django.apps import AppConfig
from django.urls import register_converter

from config.core.paths import IdConverter, NumberConverter


class CoreConfig(AppConfig):
    name = "config.core"
    label = "core"
    verbose_name = "核心"

    def ready(self) -> None:
        register_converter(IdConverter, "id")
        register_converter(NumberConverter, "number")

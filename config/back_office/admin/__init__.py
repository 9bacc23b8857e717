"""Pages of the back office about the back office."""

from config.back_office.admin import deeds, devices

__all__ = ["deeds", "devices"]

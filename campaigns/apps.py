"""App config of campaigns."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers what this room offers to others."""

    name = "campaigns"
    verbose_name = "营销"

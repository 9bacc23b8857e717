"""The back office: Unfold's admin site under our own app config."""

from django.contrib.admin.apps import AdminConfig


class MallAdminConfig(AdminConfig):
    """django.contrib.admin with Unfold's site as the default."""

    default_site = "unfold.sites.UnfoldAdminSite"

"""The doors of the house; /livez, /readyz and /metrics stand before them (config/operations/doors.py)."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from config.media import media
from config.refusals import no_such_endpoint
from config.theme import theme_css

urlpatterns = [
    path("admin/finance/", include("members.admin.finance_urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api")),
    re_path(r"^api/", no_such_endpoint),
    path("theme.css", theme_css, name="theme-css"),
    path("", include("members.urls")),
    path("", include("mall.urls")),
    path("", include("campaigns.urls")),
]

if settings.SERVE_MEDIA:
    urlpatterns.append(path("media/<path:path>", media))

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.permission_denied"
handler500 = "config.refusals.server_error"

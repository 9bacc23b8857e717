"""/api/v1/: every room's endpoints, the schema and the offline docs page."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("", include("members.api.urls")),
    path("", include("mall.api.urls")),
    path("", include("campaigns.api.urls")),
]

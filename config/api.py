"""/api/v1/: every room's endpoints, the schema and the offline docs page."""

from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Swagger UI comes from the sidecar's static files, so that nothing is asked of another site. It writes style elements,
# which no other page of this shop may.
_docs = csp_update({"style-src": ["'unsafe-inline'"]})(SpectacularSwaggerSplitView.as_view(url_name="api-schema"))

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", _docs, name="api-docs"),
    path("", include("members.api.urls")),
    path("", include("mall.api.urls")),
    path("", include("campaigns.api.urls")),
]

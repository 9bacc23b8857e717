"""H5 pages of mall."""

from django.urls import URLPattern

app_name = "mall"
urlpatterns: list[URLPattern] = []

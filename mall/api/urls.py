"""API endpoints of mall."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""The shop's doors, and one behind which it takes a while."""

import time

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as shop


def slow(request: HttpRequest) -> HttpResponse:
    """Answer after a while."""
    time.sleep(1.5)
    return HttpResponse("finished")


urlpatterns = [path("slow/", slow), *shop]

"""Where finance's pages are, below the back office."""

from members.admin import finance

urlpatterns = finance.urls()

"""H5 pages of campaigns."""

from django.urls import path

from campaigns.h5 import pages

app_name = "campaigns"
urlpatterns = [
    path("check-in/", pages.check_in_view, name="check-in"),
    path("receipts/<int:receipt_id>/", pages.receipt_view, name="receipt"),
    path("points/<int:entry_id>/receipt/", pages.receipt_of_entry_view, name="receipt-of-entry"),
]

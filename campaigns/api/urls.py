"""API endpoints of campaigns."""

from django.urls import URLPattern, path

from campaigns.api.check_in import CheckInView
from campaigns.api.receipts import EntryReceiptView, ReceiptView

urlpatterns: list[URLPattern] = [
    path("check-in/", CheckInView.as_view(), name="api-check-in"),
    path("receipts/<id:receipt_id>/", ReceiptView.as_view(), name="api-receipt"),
    path("points/entries/<id:entry_id>/receipt/", EntryReceiptView.as_view(), name="api-entry-receipt"),
]

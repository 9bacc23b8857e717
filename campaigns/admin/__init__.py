"""The back-office pages of campaigns."""

from campaigns.admin import campaigns, records

__all__ = ["campaigns", "records"]

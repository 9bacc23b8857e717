"""The ledger in the back office: to look at, never to edit."""

from points.admin.accounts import AccountAdmin
from points.admin.entries import EntryAdmin

__all__ = ["AccountAdmin", "EntryAdmin"]

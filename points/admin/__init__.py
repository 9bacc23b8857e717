"""The ledger in the back office: to look at, never to edit."""

from points.admin.accounts import AccountAdmin
from points.admin.audits import AuditRunAdmin
from points.admin.entries import EntryAdmin
from points.admin.reminders import LapseReminderAdmin
from points.admin.seals import SealAdmin

__all__ = ["AccountAdmin", "AuditRunAdmin", "EntryAdmin", "LapseReminderAdmin", "SealAdmin"]

"""The Celery application and its timetable: every periodic task stands here."""

import os

from celery import Celery
from celery.schedules import crontab

from config.operations import task_runs  # noqa: F401 (connects itself to Celery's signals)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("mall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config.outbox", "config.operations", "points", "members", "mall", "campaigns", "analytics"])

app.conf.beat_schedule = {
    "operations-heartbeat": {"task": "operations.heartbeat", "schedule": 30.0, "options": {"expires": 60}},
    "operations-audit": {"task": "operations.audit_ledger", "schedule": crontab(hour="4", minute="40")},
    "outbox-sweep": {"task": "outbox.sweep", "schedule": 30.0},
    "outbox-prune": {"task": "outbox.prune", "schedule": crontab(hour="4", minute="10")},
    "points-seal": {"task": "points.seal", "schedule": crontab(hour="4", minute="0")},
    "points-remind-lapsing": {"task": "points.remind_lapsing", "schedule": crontab(hour="9", minute="30")},
    "points-expire": {"task": "points.expire", "schedule": crontab(minute="5")},
    "points-close-days": {"task": "points.close_days", "schedule": crontab(minute="25")},
    "points-check-day-totals": {"task": "points.check_day_totals", "schedule": crontab(hour="4", minute="50")},
    "members-prune-codes": {"task": "members.prune_login_codes", "schedule": crontab(hour="4", minute="20")},
    "members-prune-devices": {"task": "members.prune_devices", "schedule": crontab(hour="4", minute="25")},
    "members-merge-due": {"task": "members.merge_due", "schedule": 300.0, "options": {"expires": 300}},
    "members-find-duplicates": {"task": "members.find_duplicates", "schedule": crontab(hour="3", minute="20")},
    "members-reevaluate-tiers": {"task": "members.reevaluate_tiers", "schedule": crontab(hour="3", minute="50")},
    "members-tier-periods": {"task": "members.decide_tier_periods", "schedule": crontab(hour="0", minute="35")},
    "members-gifts": {"task": "members.promise_gifts", "schedule": crontab(hour="0,8", minute="10")},
    "members-plan-reminders": {"task": "members.remind_of_plans", "schedule": crontab(hour="10", minute="5")},
    "members-deliver-messages": {"task": "members.deliver_messages", "schedule": 15.0, "options": {"expires": 60}},
    "members-run-broadcasts": {"task": "members.run_broadcasts", "schedule": 30.0, "options": {"expires": 60}},
    "members-reward-invitations": {"task": "members.reward_invitations", "schedule": crontab(minute="35")},
    "members-make-copies": {"task": "members.make_copies", "schedule": 20.0, "options": {"expires": 60}},
    "members-drop-copies": {"task": "members.drop_copies", "schedule": crontab(minute="40")},
    "members-close-accounts": {"task": "members.close_accounts", "schedule": crontab(minute="50")},
    "members-refresh-segments": {"task": "members.refresh_segments", "schedule": crontab(minute="50")},
    "mall-cancel-unpaid": {"task": "mall.cancel_unpaid_orders", "schedule": 60.0},
    "mall-complete-received": {"task": "mall.complete_received_orders", "schedule": crontab(minute="20")},
    "campaigns-birthdays": {"task": "campaigns.grant_birthdays", "schedule": crontab(hour="0,9", minute="15")},
    "campaigns-announce": {"task": "campaigns.announce_starts_and_ends", "schedule": 60.0},
}

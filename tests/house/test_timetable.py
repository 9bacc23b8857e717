"""The timetable names tasks that exist, and every periodic task is in it."""

from config.celery import app


def test_every_task_in_the_timetable_exists() -> None:
    app.loader.import_default_modules()
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert named <= set(app.tasks)


def test_the_timetable_has_what_the_shop_promises() -> None:
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert named == {
        "operations.heartbeat",
        "operations.audit_ledger",
        "outbox.sweep",
        "outbox.prune",
        "points.expire",
        "points.close_days",
        "points.check_day_totals",
        "points.remind_lapsing",
        "points.seal",
        "members.prune_login_codes",
        "members.prune_devices",
        "members.merge_due",
        "members.find_duplicates",
        "members.reevaluate_tiers",
        "members.decide_tier_periods",
        "members.promise_gifts",
        "members.remind_of_plans",
        "members.deliver_messages",
        "members.run_broadcasts",
        "members.reward_invitations",
        "members.make_copies",
        "members.drop_copies",
        "members.close_accounts",
        "members.refresh_segments",
        "mall.cancel_unpaid_orders",
        "mall.complete_received_orders",
        "campaigns.grant_birthdays",
        "campaigns.announce_starts_and_ends",
    }

"""Indexes that no question about members asks for: every move on the ladder rewrites them all.

Django adds them to text columns for LIKE 'prefix%', which is asked of none of these.
"""

from django.db import migrations

_INDEXES = {
    "members_member_number_47656b26_like": "number",
    "members_member_phone_index_fd9fadd1_like": "phone_index",
    "members_member_phone_last4_4047ec39_like": "phone_last4",
    "members_member_birthday_month_day_f4792c08_like": "birthday_month_day",
}


class Migration(migrations.Migration):
    dependencies = [("members", "0021_segments_for_broadcasts_and_tags")]

    operations = [
        migrations.RunSQL(
            sql=f"DROP INDEX IF EXISTS {name}",
            reverse_sql=f"CREATE INDEX IF NOT EXISTS {name} ON members_member ({column} varchar_pattern_ops)",
        )
        for name, column in _INDEXES.items()
    ]

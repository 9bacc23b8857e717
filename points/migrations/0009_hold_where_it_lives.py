"""A hold asked of a merged account belongs to the account that it lives on in."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("points", "0008_entries_of_open_accounts")]

    operations = [
        migrations.RunSQL(sql=(SQL / "0025_hold_where_it_lives.sql").read_text(), reverse_sql=migrations.RunSQL.noop)
    ]

"""Locks several accounts without deadlock while others merge them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("points", "0009_hold_where_it_lives")]

    operations = [
        migrations.RunSQL(sql=(SQL / "0026_lock_survivors.sql").read_text(), reverse_sql=migrations.RunSQL.noop)
    ]

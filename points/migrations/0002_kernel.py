"""Installs the ledger kernel from `points/sql/`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = [
    "0001_kernel_tables",
    "0002_outcomes",
    "0003_draws",
    "0004_earn_spend_adjust",
    "0005_reverse",
    "0006_holds",
    "0007_post_many",
    "0008_expire",
    "0009_balance",
    "0010_audit",
]


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="\n".join((SQL / f"{name}.sql").read_text() for name in FILES),
            reverse_sql=(SQL / "drop_kernel.sql").read_text(),
        )
    ]

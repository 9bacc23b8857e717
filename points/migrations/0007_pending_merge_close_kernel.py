"""Installs pending points, confirming, merging and closing in the kernel, and what the tables then refuse."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = [
    "0011_closed_accounts",
    "0012_points_that_return",
    "0013_earn_spend_adjust",
    "0014_confirm",
    "0015_reverse",
    "0016_holds",
    "0017_post_many",
    "0018_merge",
    "0019_close_account",
    "0023_audit",
]
BEFORE = [
    "drop_kernel",
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
    "0020_seal",
    "0021_expire",
    "0022_remind",
]


def read(names: list[str]) -> str:
    return "\n".join((SQL / f"{name}.sql").read_text() for name in names)


class Migration(migrations.Migration):
    dependencies = [("points", "0006_seals_expiry_reminders")]

    operations = [
        migrations.RunSQL(
            sql=read(FILES),
            reverse_sql="ALTER TABLE points_seal DROP CONSTRAINT points_seal_hash_per_entry;\n" + read(BEFORE),
        )
    ]

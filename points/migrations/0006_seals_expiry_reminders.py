"""Installs the chain of seals, the expiry job by its new index, and the reminders of lapses."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = ["0020_seal", "0021_expire", "0022_remind"]

UNDO = """
DROP FUNCTION ledger_remind(timestamptz, smallint[], integer, timestamptz, bigint, bigint);
DROP FUNCTION ledger_forget_reminders(timestamptz, integer);
DROP FUNCTION ledger_prove_seals(bigint, integer);
DROP TYPE ledger_proof;
DROP FUNCTION ledger_first_difference(points_seal);
DROP FUNCTION ledger_seal_next(bigint, xid8, integer, timestamptz);
DROP FUNCTION ledger_older_runs(xid8);
DROP FUNCTION ledger_seal_mark();
DROP FUNCTION ledger_seal_hash(points_seal);
DROP FUNCTION ledger_entry_hashes(bigint, bigint);
ALTER TABLE points_seal DROP CONSTRAINT points_seal_hash_per_entry;
DROP TRIGGER points_seal_append_only ON points_seal;
DROP TRIGGER points_seal_no_truncate ON points_seal;
DROP FUNCTION ledger_expire(timestamptz, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0005_day_totals")]

    operations = [
        migrations.RunSQL(
            sql="\n".join((SQL / f"{name}.sql").read_text() for name in FILES),
            reverse_sql=UNDO + (SQL / "0008_expire.sql").read_text(),
        )
    ]

"""Keeps draws within one account by a look per statement instead of two foreign keys per row."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("points", "0011_hot_path")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "0029_draws_within_one_account.sql").read_text(),
            reverse_sql="""
                DROP TRIGGER points_lot_no_truncate ON points_lot;
                DROP TRIGGER points_lot_stays ON points_lot;
                DROP TRIGGER points_draw_of_same_account ON points_draw;
                DROP FUNCTION ledger_refuse_other_lot, ledger_refuse_foreign_draw;
                ALTER TABLE points_draw ADD CONSTRAINT points_draw_entry_of_same_account
                    FOREIGN KEY (account_id, entry_id) REFERENCES points_entry (account_id, id);
                ALTER TABLE points_draw ADD CONSTRAINT points_draw_lot_of_same_account
                    FOREIGN KEY (account_id, lot_id) REFERENCES points_lot (account_id, id);
            """,
        )
    ]

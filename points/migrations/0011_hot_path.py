"""Makes every posting cheaper: short CHECKs, lots updated in place. Forward only: the older kernel asks other columns."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("points", "0010_lock_survivors"),
    ]

    operations = [
        migrations.RunSQL(sql=(SQL / "0027_what_adds_up.sql").read_text()),
        migrations.RemoveConstraint(
            model_name="account",
            name="points_account_asset_known",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="points_account_closed_is_empty",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="points_account_merged_is_closed",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="points_entry_after_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="points_entry_clawback_adds_up",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="points_entry_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="points_entry_points_positive",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="points_entry_restore_adds_up",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="points_entry_confirm_adds_up",
        ),
        migrations.RemoveIndex(
            model_name="lot",
            name="points_lot_spending_order",
        ),
        migrations.RemoveIndex(
            model_name="lot",
            name="points_lot_lapses",
        ),
        migrations.AddField(
            model_name="lot",
            name="is_open",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Q(("remaining__gt", 0)),
                output_field=models.BooleanField(verbose_name="有剩余"),
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["account", "expires_at", "earned_at", "id"],
                name="points_lot_spending_order",
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("is_open", True), ("pending", False)),
                fields=["expires_at", "account", "id"],
                name="points_lot_lapses",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    models.F("id"),
                    models.F("asset"),
                    models.F("spendable"),
                    models.F("pending"),
                    models.F("held"),
                    models.F("arrears"),
                    models.F("closed_at"),
                    models.F("merged_into"),
                    function="ledger_account_adds_up",
                    output_field=models.BooleanField(),
                ),
                name="points_account_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    models.F("kind"),
                    models.F("points"),
                    models.F("spendable"),
                    models.F("pending"),
                    models.F("arrears"),
                    models.F("lapsed"),
                    models.F("forgiven"),
                    models.F("spendable_after"),
                    function="ledger_entry_adds_up",
                    output_field=models.BooleanField(),
                ),
                name="points_entry_adds_up",
            ),
        ),
        migrations.RunSQL(sql=(SQL / "0028_hot_path.sql").read_text()),
    ]

"""Keeps the expiry of lots where it was decided, and seals it after merges. Forward only: older functions prove no new seal."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("points", "0012_draws_within_one_account")]

    operations = [
        migrations.AddField(
            model_name="seal",
            name="form",
            field=models.SmallIntegerField(db_default=1, verbose_name="指纹版本"),
        ),
        migrations.RunSQL(sql=(SQL / "0030_sealed_expiries.sql").read_text()),
    ]

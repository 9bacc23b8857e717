"""Periods of gifts that hold the longest code of a plan or tier; those that were cut short are made whole."""

from django.db import migrations, models

_WHOLE = """
UPDATE campaigns_benefitgift SET period = origin || ':' || granted_by
WHERE length(period) = 40 AND period = left(origin || ':' || granted_by, 40)
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_benefit_gifts")]

    operations = [
        migrations.AlterField("benefitgift", "period", models.CharField(max_length=60, verbose_name="周期")),
        migrations.RunSQL(_WHOLE, migrations.RunSQL.noop),
    ]

"""Savings say when the order was placed, and which plan made it cheaper; the mall fills in what it knows."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0025_lists_in_the_background")]

    operations = [
        migrations.AddField(
            model_name="membershipsaving",
            name="plan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.plan",
                verbose_name="套餐",
            ),
        ),
        migrations.AddField(
            model_name="membershipsaving",
            name="placed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="下单时间"),
            preserve_default=False,
        ),
    ]

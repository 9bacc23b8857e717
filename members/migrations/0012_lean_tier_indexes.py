"""Indexes that no question about tiers asks for cost every move; the newest changes get one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0011_default_messages")]

    operations = [
        migrations.AlterField(
            model_name="tierchange",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tier_changes",
                to="members.member",
                verbose_name="会员",
            ),
        ),
        migrations.AlterField(
            model_name="tierchange",
            name="new_tier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.tier",
                verbose_name="新等级",
            ),
        ),
        migrations.AlterField(
            model_name="tierchange",
            name="old_tier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.tier",
                verbose_name="原等级",
            ),
        ),
        migrations.AlterField(
            model_name="tierperiod",
            name="tier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.tier",
                verbose_name="等级",
            ),
        ),
        migrations.AddIndex(
            model_name="tierchange", index=models.Index(fields=["-at", "-id"], name="tierchange_latest")
        ),
    ]

"""A broadcast may go to a segment, a tag may follow one; scores that nobody ever wrote go."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0020_messages_of_merges_and_devices"),
    ]

    operations = [
        migrations.AddField(
            model_name="broadcast",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.segment",
                verbose_name="人群",
            ),
        ),
        migrations.AddField(
            model_name="historicalbroadcast",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="members.segment",
                verbose_name="人群",
            ),
        ),
        migrations.AddField(
            model_name="historicaltag",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="选了人群，标签随人群更新自动打上和去掉；员工手动打的不受影响。不选则只由员工打",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="members.segment",
                verbose_name="规则（人群）",
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                help_text="选了人群，标签随人群更新自动打上和去掉；员工手动打的不受影响。不选则只由员工打",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tags",
                to="members.segment",
                verbose_name="规则（人群）",
            ),
        ),
        migrations.AlterField(
            model_name="broadcast",
            name="audience",
            field=models.CharField(
                choices=[
                    ("all", "全部会员"),
                    ("tier", "指定等级及以上"),
                    ("segment", "会员人群"),
                    ("listed", "指定名单"),
                ],
                default="all",
                max_length=10,
                verbose_name="发送对象",
            ),
        ),
        migrations.AlterField(
            model_name="historicalbroadcast",
            name="audience",
            field=models.CharField(
                choices=[
                    ("all", "全部会员"),
                    ("tier", "指定等级及以上"),
                    ("segment", "会员人群"),
                    ("listed", "指定名单"),
                ],
                default="all",
                max_length=10,
                verbose_name="发送对象",
            ),
        ),
        migrations.AddIndex(
            model_name="membertag",
            index=models.Index(
                condition=models.Q(("source", "rule")), fields=["tag", "member"], name="membertag_by_rule"
            ),
        ),
        migrations.AddConstraint(
            model_name="broadcast",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("audience", "segment"), ("segment__isnull", False)),
                    models.Q(models.Q(("audience", "segment"), _negated=True), ("segment__isnull", True)),
                    _connector="OR",
                ),
                name="broadcast_segment_when_by_segment",
            ),
        ),
        migrations.DeleteModel(
            name="MemberScore",
        ),
    ]

"""Lists of segments that are read in the background."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
_STATES = [("waiting", "等待导入"), ("running", "导入中"), ("done", "已导入"), ("failed", "没有导入")]


class Migration(migrations.Migration):
    dependencies = [("members", "0024_whole_periods_and_bound_staff")]

    operations = [
        migrations.CreateModel(
            name="SegmentUpload",
            fields=[
                _ID,
                ("file", models.CharField(blank=True, max_length=80, verbose_name="文件")),
                ("replaces", models.BooleanField(default=False, verbose_name="替换现有名单")),
                (
                    "state",
                    models.CharField(choices=_STATES, default="waiting", max_length=7, verbose_name="状态"),
                ),
                ("lines", models.PositiveIntegerField(default=0, verbose_name="已读行数")),
                ("named", models.PositiveIntegerField(default=0, verbose_name="对上的会员")),
                ("entered", models.PositiveIntegerField(default=0, verbose_name="新加入")),
                ("left", models.PositiveIntegerField(default=0, verbose_name="移出")),
                ("bad", models.PositiveIntegerField(default=0, verbose_name="没有对上的行")),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("asked_at", models.DateTimeField(verbose_name="上传时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="members.segment",
                        verbose_name="人群",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "人群名单上传",
                "verbose_name_plural": "人群名单上传",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                        | Q(state__in=["done", "failed"], finished_at__isnull=False),
                        name="segmentupload_finished_has_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentUploadLine",
            fields=[
                _ID,
                ("line", models.PositiveIntegerField(verbose_name="行")),
                ("member", models.BigIntegerField(null=True, verbose_name="会员")),
                ("text", models.CharField(blank=True, max_length=20, verbose_name="内容")),
                ("why", models.CharField(blank=True, max_length=40, verbose_name="原因")),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.segmentupload",
                        verbose_name="名单",
                    ),
                ),
            ],
            options={
                "verbose_name": "名单行",
                "verbose_name_plural": "名单行",
                "constraints": [models.UniqueConstraint(fields=("upload", "line"), name="segmentuploadline_once")],
            },
        ),
    ]

"""When a trace was last seen, so that it can be forgotten; those of before count from today."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0018_points_of_gifts")]

    operations = [
        migrations.AddField(
            model_name="membertrace",
            name="last_seen_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="最近出现"),
        ),
    ]

"""The six roles that a shop starts with; their rights come with `manage.py sync_roles`, once there are permissions."""

from django.db import migrations, models

from members.services.roles import ensure_roles


def create_roles(apps, schema_editor):
    ensure_roles(groups=apps.get_model("auth", "Group"), roles=apps.get_model("members", "StaffRole"))


class Migration(migrations.Migration):
    dependencies = [("members", "0015_privacy_notice_draft"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.AddField("staffrole", "given", models.JSONField("已给过的权限", default=list)),
        migrations.RunPython(create_roles, migrations.RunPython.noop),
    ]

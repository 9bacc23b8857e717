"""The message about unpaid orders that a returned fee closes, where the first messages were there before."""

from django.db import migrations

from members.services.message_defaults import ensure_defaults


def create_templates(apps, schema_editor):
    ensure_defaults(templates=apps.get_model("members", "MessageTemplate"))


class Migration(migrations.Migration):
    dependencies = [("members", "0022_lean_member_indexes")]

    operations = [migrations.RunPython(create_templates, migrations.RunPython.noop)]

"""The messages that every installation sends from its first day."""

from django.db import migrations

from members.services.message_defaults import ensure_defaults


def create_templates(apps, schema_editor):
    ensure_defaults(templates=apps.get_model("members", "MessageTemplate"))


class Migration(migrations.Migration):
    dependencies = [("members", "0010_invitations_and_channels")]

    operations = [migrations.RunPython(create_templates, migrations.RunPython.noop)]

"""The ladder that every installation starts with."""

from django.db import migrations

from members.services.defaults import ensure_defaults


def create_tiers(apps, schema_editor):
    ensure_defaults(tiers=apps.get_model("members", "Tier"), benefits=apps.get_model("members", "Benefit"))


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [migrations.RunPython(create_tiers, migrations.RunPython.noop)]

"""The store and the pages that every installation starts with."""

from functools import partial

from django.db import migrations

from mall.services.defaults import install


def create_defaults(apps, schema_editor):
    install(partial(apps.get_model, "mall"))


class Migration(migrations.Migration):
    dependencies = [("mall", "0001_initial")]

    operations = [migrations.RunPython(create_defaults, migrations.RunPython.noop)]

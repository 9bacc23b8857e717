"""Staff of stores stay bound to stores when they are taken out of the last one."""

from django.db import migrations


def bind(apps, schema_editor):
    assigned = apps.get_model("mall", "Store").staff.through.objects.values("user_id")
    apps.get_model("members", "User").objects.filter(pk__in=assigned).update(is_bound_to_stores=True)


class Migration(migrations.Migration):
    dependencies = [
        ("mall", "0010_why_orders_were_closed"),
        ("members", "0024_whole_periods_and_bound_staff"),
    ]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mall", "0008_staff_of_stores"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("member_price_cents__isnull", True),
                    models.Q(("member_price_cents__gt", 0), ("member_price_cents__lt", models.F("unit_price_cents"))),
                    _connector="OR",
                ),
                name="orderline_member_price_in_range",
            ),
        ),
    ]

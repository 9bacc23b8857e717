"""Savings that were noted before take the placing time, and the plan, from their orders."""

from django.db import migrations

FILL = """
UPDATE members_membershipsaving AS s SET placed_at = o.created_at, plan_id = p.id
FROM mall_order AS o LEFT JOIN members_plan AS p ON p.id = (o.quote ->> 'plan_id')::bigint
WHERE s.order_ref = 'order:' || o.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mall", "0011_staff_bound_to_stores"),
        ("members", "0026_when_and_by_which_plan_orders_were_cheaper"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]

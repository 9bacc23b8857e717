"""Periods that hold the longest code of a plan or tier; staff who see their own stores alone.

Periods that were cut short are made whole where one code alone fits; whoever is a clerk keeps to stores by the role.
"""

from django.db import migrations, models

_WHOLE = """
UPDATE members_entitlement AS one SET period = found.period
FROM (
    SELECT left(period, 40) AS cut, min(period) AS period
    FROM (
        SELECT 'plan:' || code AS period FROM members_plan UNION ALL SELECT 'tier:' || code FROM members_tier
    ) AS every GROUP BY left(period, 40) HAVING count(*) = 1
) AS found
WHERE one.period = found.cut AND length(one.period) = 40 AND found.period <> found.cut
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0023_message_of_closed_orders")]

    operations = [
        migrations.AlterField("entitlement", "period", models.CharField(max_length=60, verbose_name="周期")),
        migrations.RunSQL(_WHOLE, migrations.RunSQL.noop),
        *(
            migrations.AddField(
                model,
                "is_bound_to_stores",
                models.BooleanField(
                    default=False,
                    help_text=(
                        "分到门店时自动打开：只看到、只处理自己门店的订单，一家门店也没有时什么也看不到。"
                        "关闭后，没有分到门店就看到全部"
                    ),
                    verbose_name="只看所属门店",
                ),
            )
            for model in ("user", "historicaluser")
        ),
    ]

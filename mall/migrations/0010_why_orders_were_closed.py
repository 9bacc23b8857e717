from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mall", "0009_member_prices_on_lines_in_range")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="closed_because",
            field=models.CharField(
                blank=True,
                choices=[("fee_returned", "会员权益随退会费终止"), ("membership_changed", "会员时间有变化")],
                db_default="",
                max_length=20,
                verbose_name="关闭原因",
            ),
        ),
    ]

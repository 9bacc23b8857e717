"""A draft of the privacy notice: the merchant reads it, puts the shop's name and address in, and publishes it."""

from typing import Any

from django.db import migrations

TEXT = """# 我们收集哪些信息
手机号：用于注册、登录和订单通知，是成为会员所必需的。
收货人、收货电话和地址：仅在你下单配送或保存地址时收集，用于把商品送到你手里。
昵称、头像、性别、生日、所在地区和兴趣：由你自愿填写，用于生日礼和你可能感兴趣的活动；不填写不影响购物。
订单、积分、等级和活动参与记录：用于履行订单、计算积分和等级，以及处理售后。
登录设备和网络地址（打码保存）：用于保护账号安全。

# 我们怎样使用和保存
信息只用于上面写明的目的。手机号、姓名、地址、生日等加密保存，员工默认只能看到打码后的内容；查看完整信息需要权限、填写原因，并留下记录。
信息保存在中国境内。账号注销后，个人信息会被删除；订单和积分流水依照《电子商务法》等规定保留，但不再含有你的姓名、电话和地址。

# 我们向谁提供
配送商品时，向快递公司提供收货人、电话和地址；付款时，向支付机构提供订单金额。除此之外，未经你单独同意不向他人提供，法律另有规定的除外。

# 你的权利
你可以在「个人资料」查阅和更正信息，在「隐私中心」下载自己的数据、查看同意记录、注销账号。注销有冷静期，期满后不能恢复。
未满十四周岁的未成年人请在监护人同意后使用。

# 联系我们
请商家在发布前填写：公司名称、地址、个人信息保护负责人的联系方式。你有疑问或投诉，我们在十五个工作日内答复；对答复不满意，可以向网信等主管部门投诉。
"""


def write_draft(apps: Any, schema_editor: Any) -> None:
    """The first version, when there is none."""
    notices = apps.get_model("members", "PrivacyNotice")
    if not notices.objects.exists():
        notices.objects.create(version=1, title="隐私政策", text=TEXT)


class Migration(migrations.Migration):
    dependencies = [("members", "0014_paid_membership")]

    operations = [migrations.RunPython(write_draft, migrations.RunPython.noop)]

"""The demo's privacy notice: the shop's draft, completed as a merchant completes it, for a firm that can't exist."""

from members.models import PrivacyNotice

_CONTACT = """# 联系我们
本商城由云杉演示商贸有限公司（虚构，仅用于演示）运营，地址：云杉市演示区示例路 1 号。
个人信息保护负责人：privacy@example.com，电话 400-000-0000。
你有疑问或投诉，我们在十五个工作日内答复；对答复不满意，可以向网信等主管部门投诉。
"""
_HEADING = "# 联系我们"


def complete_notice() -> int:
    """Put the demo firm's name and address where the draft asks the merchant for them; the notice's id."""
    notice = PrivacyNotice.objects.get(version=1)
    notice.text = notice.text.partition(_HEADING)[0].rstrip() + "\n\n" + _CONTACT
    notice.save(update_fields=["text"])
    return notice.pk

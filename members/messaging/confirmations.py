"""The mail that confirms an address."""

from django.core.mail import EmailMessage

from config.core.shop import shop_name


def send_confirmation(*, address: str, link: str) -> None:
    """Send the link. Raises smtplib.SMTPException or OSError when it can't be handed over."""
    asked = f"请打开下面的链接，确认用这个邮箱接收{shop_name()}的消息。链接 24 小时内有效："
    body = f"{asked}\n\n{link}\n\n如果不是您本人操作，请忽略这封邮件。"
    EmailMessage(subject=f"【{shop_name()}】确认接收消息的邮箱", body=body, to=[address]).send()

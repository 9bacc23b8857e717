"""A walk through every operation of the API that answers with a body, on a Wednesday evening in a small shop."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from campaigns.services.presets import install_presets
from config.core.time import SHANGHAI
from config.outbox.services import deliveries
from mall.models import Order
from mall.services import orders
from members.models import DevMessage, Member, MessageTemplate, PrivacyNotice, TemplateWay
from members.services import consents
from tests.api.conftest import Api, Goods, give_points
from tests.api.walk_log_ins import walk_log_ins
from tests.api.walk_plans import walk_plans

WEDNESDAY = datetime(2026, 11, 18, 20, 30, tzinfo=SHANGHAI)
FRIDAY = WEDNESDAY + timedelta(days=2)
_PHONE = "13800001234"
_ADDRESS = {"recipient": "王小杉", "phone": _PHONE, "region_code": "330106", "detail": "龙井路 1 号"}


class Walk:
    """Calls, and keeps what was answered by operation id."""

    def __init__(self, api: Api, goods: Goods) -> None:
        self.api, self.goods = api, goods
        self.answers: dict[str, Any] = {}

    def call(self, operation: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the operation and keep its answer."""
        method = operation.split("_")[0]
        headers = {} if method == "get" else {"Idempotency-Key": str(uuid4())}
        answer = getattr(self.api, method)(path, body, headers=headers)
        assert answer.status_code in {200, 201, 202, 204}, (operation, answer.json())
        if answer.content:
            self.answers[operation] = answer.json()
        return answer.json() if answer.content else None

    def log_in(self) -> None:
        """As a new member with some points."""
        self.call("post_codes", "auth/codes/", {"phone": _PHONE})
        code = re.search(r"\d{6}", DevMessage.objects.latest("pk").text)
        assert code
        token = self.call("post_login", "auth/login/", {"phone": _PHONE, "code": code[0]})["token"]
        self.api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        deliveries.deliver_all(at=WEDNESDAY)
        give_points(Member.objects.get(), 1500)

    def look_around(self, tea: int, gift: int) -> None:
        """At everything that is only read."""
        self.call("get_page", "pages/member-centre/")
        self.call("get_page", "pages/home/")
        for operation, path in (
            ("get_categories", "categories/"),
            ("get_products", "products/?limit=2"),
            ("get_product", f"products/{tea}/"),
            ("get_rewards", "rewards/"),
            ("get_reward", f"rewards/{gift}/"),
            ("get_tiers", "tiers/"),
            ("get_regions", "regions/?parent=3301"),
            ("get_check_in", "check-in/"),
        ):
            self.call(operation, path)
        self.call("patch_me", "me/", {"nickname": "云杉", "birthday": "1990-05-01"})
        self.call("get_me", "me/")
        self.call("post_check_in", "check-in/")

    def settle_in(self) -> int:
        """With two addresses; the id of the one that stays."""
        stays = self.call("post_addresses", "addresses/", _ADDRESS)["id"]
        goes = self.call("post_addresses", "addresses/", _ADDRESS | {"detail": "灵隐路 9 号"})["id"]
        self.call("put_address", f"addresses/{goes}/", _ADDRESS | {"detail": "灵隐路 19 号"})
        self.call("get_address", f"addresses/{goes}/")
        self.call("get_addresses", "addresses/")
        self.call("post_default_address", f"addresses/{stays}/default/")
        self.call("delete_address", f"addresses/{goes}/")
        return int(stays)

    def invite_friends(self) -> None:
        """And share a page that somebody opens."""
        code = self.call("get_invite", "invitations/code/")["code"]
        self.call("get_invitees", "invitations/")
        self.call("get_inviter", f"inviters/{code}/")
        shared = self.call("post_shares", "shares/", {"path": "/"})["code"]
        self.call("post_share_visits", f"shares/{shared}/visits/", {"device_id": "5f0c0d5e"})

    def order(self, sku: int, address: int) -> str:
        """From the cart; the order's number."""
        line = self.call("post_cart_lines", "cart/lines/", {"sku_id": sku, "quantity": 1})["rows"][0]["line_id"]
        self.call("patch_cart_line", f"cart/lines/{line}/", {"quantity": 2})
        self.call("delete_cart_line", f"cart/lines/{line + 1000}/")
        self.call("post_cart_selection", "cart/selection/", {"is_selected": True})
        self.call("get_cart", "cart/")
        payable = self.call("post_checkout", "checkout/", {"points": 500})["priced"]["payable_cents"]
        body = {"address_id": address, "points": 500, "expected_payable_cents": payable}
        return str(self.call("post_orders", "orders/", body)["number"])

    def pay(self, number: str) -> None:
        """In the sandbox."""
        self.call("get_cashier", f"orders/{number}/cashier/")
        started = self.call("post_payments", f"orders/{number}/payments/", {"provider": "sandbox"})
        self.call("post_sandbox_payment", f"payments/{started['out_trade_no']}/sandbox/")

    def redeem_and_give_up(self, gift: int, sku: int, address: int) -> None:
        """One gift for points, and one order that is not paid."""
        points = self.answers["get_reward"]["skus"][0]["points"]
        wish = {"sku_id": gift, "quantity": 1, "expected_points": points, "expected_payable_cents": 0}
        self.call("post_redemptions", "redemptions/", wish | {"address_id": address})
        body = {"lines": [{"sku_id": sku, "quantity": 1}], "address_id": address, "expected_payable_cents": 19_900}
        given_up = self.api.post("orders/", body, headers={"Idempotency-Key": "given-up"}).json()["number"]
        self.call("post_order_cancel", f"orders/{given_up}/cancel/")

    def receive_and_read_why(self, number: str) -> None:
        """What came, and what it brought."""
        self.call("post_order_receipt", f"orders/{number}/confirm-receipt/")
        deliveries.deliver_all(at=FRIDAY)
        self.call("get_order", f"orders/{number}/")
        self.call("get_orders", "orders/")
        self.call("get_order_counts", "orders/counts/")
        entry = self.call("get_entries", "points/entries/?limit=3")["items"][0]["id"]
        self.call("get_entry", f"points/entries/{entry}/")
        self.call("get_lapsing", "points/lapsing/")
        receipt = self.call("get_entry_receipt", f"points/entries/{entry}/receipt/")["id"]
        self.call("get_receipt", f"receipts/{receipt}/")
        walk_plans(self)

    def look_after_privacy(self) -> None:
        """Profile and picture, the notice, a copy of one's data, and a wish to leave that is taken back."""
        self.call("put_avatar", "me/avatar/", {"avatar": "panda"})
        self.picture()
        self.call("get_profile", "me/profile/")
        with transaction.atomic():
            text = "# 我们收集哪些信息\n手机号：用于注册和登录。"
            notice, _ = PrivacyNotice.objects.update_or_create(version=1, defaults={"text": text})
            consents.publish(notice_id=notice.pk, at=WEDNESDAY)
        version = self.call("get_privacy_notice", "privacy/notice/")["version"]
        self.call("post_consent", "privacy/consent/", {"version": version})
        self.call("post_copies", "privacy/copies/")
        self.call("get_copies", "privacy/copies/")
        self.call("get_closing", "privacy/closing/")

    def leave_and_stay(self) -> None:
        """Say so, see what it means, and think better of it."""
        for number in Order.objects.exclude(status__in=["completed", "cancelled"]).values_list("pk", flat=True):
            Order.objects.filter(pk=number).update(status="cancelled", cancelled_at=FRIDAY)
        self.call("post_closing", "privacy/closing/")
        self.call("delete_closing", "privacy/closing/")

    def picture(self) -> None:
        """Upload one: multipart, as no other call."""
        out = BytesIO()
        Image.new("RGB", (8, 8), "#2f6f4f").save(out, "PNG")
        upload = SimpleUploadedFile("me.png", out.getvalue(), "image/png")
        answer = self.api.put("me/avatar/picture/", {"image": upload}, format="multipart")
        assert answer.status_code == 200, answer.json()
        self.answers["put_avatar_picture"] = answer.json()
        self.call("put_avatar", "me/avatar/", {"avatar": "panda"})

    def read_messages(self) -> None:
        """About the order, and choose what comes by SMS; then leave."""
        message = self.call("get_messages", "messages/?limit=3")["items"][0]["id"]
        self.call("get_messages_unread", "messages/unread/")
        self.call("get_message", f"messages/{message}/")
        self.call("put_message_read", f"messages/{message}/read/")
        self.call("put_messages_read", "messages/read/")
        self.call("get_message_preferences", "messages/preferences/")
        chosen = {"way": "sms", "purpose": "marketing", "is_on": True}
        self.call("put_message_preferences", "messages/preferences/", chosen)
        self.call("get_message_subscriptions", "messages/subscriptions/")
        self.call("post_message_subscriptions", "messages/subscriptions/", {"accepted": ["tmpl-1"]})
        self.call("post_logout", "auth/logout/")


def walked(api: Api, goods: Goods) -> dict[str, Any]:
    """What every operation answered."""
    opened = WEDNESDAY - timedelta(days=16)
    with transaction.atomic():
        install_presets(at=opened, live_from=opened)
    shipped = MessageTemplate.objects.get(code="order_shipped")
    asked = {"remote_id": "tmpl-1", "fields": {"thing1": "{goods}"}}
    TemplateWay.objects.create(template=shipped, way="wechat_subscribe", **asked)
    walk = Walk(api, goods)
    tea = goods("明前龙井", cents=20_900, subtitle="西湖产区，手工炒制")
    gift = goods("盖碗", cents=6_800, points=800)
    with time_machine.travel(WEDNESDAY, tick=False):
        walk.log_in()
        walk.look_around(tea.product_id, gift.product_id)
        address = walk.settle_in()
        walk.invite_friends()
        number = walk.order(tea.pk, address)
        walk.pay(number)
        walk.redeem_and_give_up(gift.pk, tea.pk, address)
    _ship(number)
    with time_machine.travel(FRIDAY, tick=False):
        walk.receive_and_read_why(number)
        walk_log_ins(walk, phone=_PHONE)
        walk.look_after_privacy()
        walk.leave_and_stay()
        walk.read_messages()
    return {name: shortened(answer) for name, answer in sorted(walk.answers.items())}


def _ship(number: str) -> None:
    with transaction.atomic():
        order_id = Order.objects.values_list("pk", flat=True).get(number=number)
        orders.mark_shipped(order_id=order_id, carrier="顺丰速运", tracking_no="SF1234567890", at=WEDNESDAY)


def shortened(answer: Any, most: int = 12) -> Any:
    """The answer with long lists cut, and a token that opens nothing."""
    if isinstance(answer, list):
        return [shortened(part) for part in (answer if len(answer) <= most else answer[:3])]
    if isinstance(answer, dict):
        return {name: "0123456789abcdef" * 4 if name == "token" else shortened(part) for name, part in answer.items()}
    return answer

"""One row at least of everything that the back office lists, made by the real services."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.db import transaction

from campaigns.services.check_in import check_in
from campaigns.services.presets import install_presets
from config.back_office.audit.deeds import Book
from config.back_office.models import TwoStepDevice
from config.back_office.two_step import codes
from config.core.staff_history import RowChange
from config.outbox.services.deliveries import deliver_all
from mall.models import Order, OrderLine, ProductImage, Sku
from mall.services import refunds
from members.models import Broadcast, Channel, Member, MessageTemplate, Segment, TemplateWay, User
from members.rules.invitations import Touch
from members.services import (
    duplicates,
    invitations,
    merge_requests,
    message_choices,
    messages,
    segments,
    shares,
    traces,
)
from members.services.adjustments import adjust_points
from members.services.growth import post_growth
from members.services.registration import register_by_phone
from points.models import Lot
from points.services import auditing, reminders, sealing
from tests.admin.full_plans import sell_plans
from tests.admin.full_privacy import tell_about_privacy
from tests.mall.builders import AT, LATER, a_buyer, a_paid_order, a_sku, receive, ship
from tests.members.factories import a_member


def fill_shop(*, at: datetime = AT) -> Order:
    """A gold member's order of two SKUs, received, given points for, and refunded by one piece."""
    with transaction.atomic():
        install_presets(at=at, live_from=at.replace(year=at.year - 1))
    Group.objects.get_or_create(name="仓库")
    AccessAttempt.objects.create(username="owner", ip_address="127.0.0.1", failures_since_start=1)
    sku, other = a_sku(), a_sku(name="手冲咖啡豆", price_cents=8500)
    ProductImage.objects.create(product=sku.product, image="products/tea.webp")
    member = a_buyer(tier="gold", points=500)
    order = a_paid_order(member, (sku, 1), (other, 2))
    ship(order.pk)
    receive(order.pk)
    with transaction.atomic():
        check_in(member_id=member.pk, at=at)
        ask_for_much(member, at=at)
    deliver_all(at=LATER)
    refund_one(order, sku=other)
    deliver_all(at=LATER)
    look_after_the_ledger(at=LATER)
    meet_a_duplicate(member, at=at)
    invite_somebody(member, at=at)
    leave_traces(sku, at=at)
    tell_members(member, at=at)
    tell_about_privacy(member, a_member(phone="13700009999", at=at), at=at)
    sell_plans(member, at=at)
    climb(at=at)
    return Order.objects.get(pk=order.pk)


def climb(*, at: datetime) -> None:
    """Somebody of the lowest tier reaches the next one."""
    newest = Member.objects.filter(tier__code="bronze", status="active").latest("pk")
    with transaction.atomic():
        post_growth(member_id=newest.pk, points=1200, key="climb", source="order:1", at=at, cause="order:1")


def ask_for_much(member: Member, *, at: datetime) -> int:
    """An adjustment that needs a second person; the request's id."""
    clerk = User.objects.create_user("asking", password="asking-password-1", first_name="小周", is_staff=True)
    done = adjust_points(
        member_id=member.pk, points=20_000, text="补偿物流延误", operator_id=clerk.pk, key="adjust:much", at=at
    )
    assert done.request_id is not None
    return done.request_id


def meet_a_duplicate(member: Member, *, at: datetime) -> None:
    """Somebody on the member's own device, who is to be merged into them."""
    other = a_buyer()
    asking = User.objects.get(username="asking")
    with transaction.atomic():
        for one in (member, other):
            traces.note_device(member_id=one.pk, device="a phone", at=at)
        duplicates.find_next(after_member_id=0, limit=100, at=at)
        merge_requests.request_merge(source_id=other.pk, target_id=member.pk, operator_id=asking.pk, at=at)


def invite_somebody(member: Member, *, at: datetime) -> None:
    """A friend who came by a channel and the member's code, and one who opened a page that the member shared."""
    Channel.objects.create(code="lin", name="小林的笔记")
    with transaction.atomic():
        code = invitations.code_of(member_id=member.pk, at=at)
        touch = Touch(invite_code=code, channel_code="lin", touched_at=at)
        register_by_phone(phone="13700001234", channel="h5", at=at, touch=touch)
        link = shares.link_to(member_id=member.pk, path="/", at=at)
        shares.open_link(code=link, visitor=shares.Visitor(device="a friend's", address="203.0.113.7"), at=at)


def look_after_the_ledger(*, at: datetime) -> None:
    """A night: what there is is sealed, reminded of and audited."""
    with transaction.atomic():
        sealing.seal_next(mark=sealing.Mark(upto=10**9, horizon="3"), at=at, limit=1000)
        for lapse in Lot.objects.filter(expires_at__isnull=False).values_list("expires_at", flat=True)[:1]:
            reminders.remind_next(after=reminders.START, at=lapse - timedelta(days=5), limit=1000)
        auditing.finish(run_id=auditing.begin(at=at), at=at)


def leave_traces(sku: Sku, *, at: datetime) -> None:
    """A member of staff with two-step log-in, who changed a SKU."""
    with transaction.atomic():
        segments.write(segment=Segment(name="铁粉", kind="static"), rule=None, at=at)
    clerk = User.objects.create_user("pan", password="pan-password-1", first_name="小潘", is_staff=True)
    TwoStepDevice.objects.create(user=clerk, secret=codes.new_secret(), enabled_at=at, last_step=0)
    Book(clerk).note_row(RowChange(kind="~", row=sku, details=(("价格", "199.00", "189.00"),)))


def tell_members(member: Member, *, at: datetime) -> None:
    """A message that could not leave by SMS, an answer in WeChat, a choice, and a broadcast that waits."""
    template = MessageTemplate.objects.get(code="points_gained")
    TemplateWay.objects.create(template=template, way="sms")
    TemplateWay.objects.create(
        template=template, way="wechat_subscribe", remote_id="t-1", fields={"number1": "{points}"}
    )
    with transaction.atomic():
        said = {"points": 100, "reason": "补偿"}
        messages.send(member_id=member.pk, template=template.code, context=said, key="told", at=at)
        message_choices.choose(member_id=member.pk, way="sms", purpose="marketing", is_wanted=True, source="h5", at=at)
        message_choices.allow_subscriptions(member_id=member.pk, accepted=["t-1"], refused=[], at=at)
    announcement = MessageTemplate.objects.get(code="announcement")
    Broadcast.objects.create(name="会员日", template=announcement, context={"headline": "会员日"})


def refund_one(order: Order, *, sku: Sku) -> None:
    """One piece of a SKU comes back."""
    line = OrderLine.objects.get(order=order, sku=sku)
    with transaction.atomic():
        refunds.refund(order_id=order.pk, lines={line.pk: 1}, key="one", reason="七天无理由退货", at=LATER)


def with_phone(member: Member, phone: str = "13912345678") -> Member:
    """The member, known by a phone."""
    member.phone, member.phone_last4 = phone, phone[-4:]
    member.save()
    return member

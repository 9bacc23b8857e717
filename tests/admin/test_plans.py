"""Plans and gift cards in the back office: set up, exported once, voided by who may."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import GiftCard, GiftCardBatch, Plan, User
from members.services import gift_cards
from tests.members.plans.factories import a_plan

pytestmark = pytest.mark.django_db
_BENEFITS = {"benefits-TOTAL_FORMS": "0", "benefits-INITIAL_FORMS": "0"}
_PLAN = {
    **_BENEFITS,
    "name": "年度会员",
    "code": "year",
    "kind": "year",
    "price_cents": "99.00",
    "trial_days": "7",
    "refund_rule": "full",
    "refund_days": "7",
    "color": "#3b2f20",
    "position": "0",
    "is_active": "on",
}


@pytest.fixture
def owner(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("plan-owner", password="owner-password-1", is_staff=True))
    return client


@pytest.fixture
def batch(db: None) -> GiftCardBatch:
    return GiftCardBatch.objects.create(name="年会", plan=a_plan(), quantity=3)


def test_a_plan_is_priced_in_yuan(owner: Client) -> None:
    assert owner.post(reverse("admin:members_plan_add"), _PLAN).status_code == 302
    assert Plan.objects.values_list("price_cents", "refund_days").get() == (9900, 7)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"refund_days": "0"}, "可退时，可退天数为 1 到 366"),
        ({"kind": "lifetime", "refund_rule": "pro_rata"}, "终身卡没有剩余天数"),
        ({"color": "red"}, "颜色格式为"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_in_chinese(owner: Client, wrong: dict[str, str], sentence: str) -> None:
    page = owner.post(reverse("admin:members_plan_add"), {**_PLAN, **wrong})
    assert sentence in page.content.decode()
    assert not Plan.objects.exists()


def test_codes_leave_once_as_a_file(owner: Client, batch: GiftCardBatch) -> None:
    address = reverse("admin:members_giftcardbatch_export_codes", args=[batch.pk])
    assert "激活码只在这一次可见" in owner.get(address).content.decode()
    assert not GiftCard.objects.exists()
    file = owner.post(address)
    lines = file.content.decode("utf-8-sig").split()
    assert (lines[0], len(lines)) == ("激活码", 4)
    assert "no-store" in file["Cache-Control"]
    assert owner.post(address).status_code == 302
    assert GiftCard.objects.count() == 3


def test_cards_that_nobody_activated_are_voided(owner: Client, batch: GiftCardBatch) -> None:
    owner.post(reverse("admin:members_giftcardbatch_export_codes", args=[batch.pk]))
    owner.post(reverse("admin:members_giftcardbatch_void_rest", args=[batch.pk]))
    assert set(GiftCard.objects.values_list("state", flat=True)) == {"void"}


def test_who_may_only_look_exports_and_voids_nothing(batch: GiftCardBatch) -> None:
    client = Client()
    client.force_login(User.objects.create_user("looker", password="looker-password-1", is_staff=True))
    for name in ("export_codes", "void_rest"):
        assert client.post(reverse(f"admin:members_giftcardbatch_{name}", args=[batch.pk])).status_code == 403
    assert not GiftCard.objects.exists()


def test_a_page_from_before_the_export_changes_neither_what_was_made_nor_that_it_was(
    owner: Client, batch: GiftCardBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    month, address = a_plan("month", kind="month"), reverse("admin:members_giftcardbatch_change", args=[batch.pk])
    hold = gift_cards.has_codes

    def exported_meanwhile(*, batch_id: int) -> bool:
        gift_cards.export(batch_id=batch_id, user_id=User.objects.get().pk, at=timezone.now())
        return hold(batch_id=batch_id)

    monkeypatch.setattr(gift_cards, "has_codes", exported_meanwhile)
    typed = {"name": "年会二", "plan": month.pk, "quantity": "9", "expires_at_0": "", "expires_at_1": ""}
    assert owner.post(address, typed).status_code == 302
    now = GiftCardBatch.objects.get()
    assert (now.name, now.plan_id, now.quantity, now.exported_at is None) == ("年会二", batch.plan_id, 3, False)


def test_voiding_chosen_cards_is_on_record(owner: Client, batch: GiftCardBatch) -> None:
    owner.post(reverse("admin:members_giftcardbatch_export_codes", args=[batch.pk]))
    card = GiftCard.objects.order_by("pk")[0]
    owner.post(reverse("admin:members_giftcard_changelist"), {"action": "void_cards", "_selected_action": [card.pk]})
    assert GiftCard.objects.get(state="void") == card
    entry = LogEntry.objects.latest("pk")
    assert (entry.object_id, entry.change_message) == (str(batch.pk), "作废所选的卡（共 1 张）")

"""API endpoints of members."""

from django.urls import URLPattern, path

from members.api import token_scheme  # noqa: F401  # registers itself
from members.api.addresses import AddressesView, AddressView, DefaultAddressView, RegionsView
from members.api.devices import DevicesView, DeviceView
from members.api.invitations import InviteesView, InviterView, InviteView, SharesView, ShareVisitsView
from members.api.me import MeView, TiersView
from members.api.messages import (
    MessagePreferencesView,
    MessageReadView,
    MessagesReadView,
    MessageSubscriptionsView,
    MessagesUnreadView,
    MessagesView,
    MessageView,
)
from members.api.passwords import PasswordCodesView, PasswordLoginView, PasswordRemovalView, PasswordView
from members.api.plans import GiftCardsView, MembershipView, PlansView, SavingsView, TrialView
from members.api.privacy import ClosingView, ConsentView, CopiesView, CopyView, PrivacyNoticeView
from members.api.profile import AvatarPictureView, AvatarView, ProfileView
from members.api.sessions import CodesView, LoginView, LogoutAllView, LogoutView
from members.api.statement import EntriesView, EntryView, LapsingView
from members.api.till_code import TillCodeView
from members.api.wechat_sessions import MiniProgramPhoneView, MiniProgramSessionView

urlpatterns: list[URLPattern] = [
    path("auth/codes/", CodesView.as_view(), name="api-codes"),
    path("auth/login/", LoginView.as_view(), name="api-login"),
    path("auth/logout/", LogoutView.as_view(), name="api-logout"),
    path("auth/logout-all/", LogoutAllView.as_view(), name="api-logout-all"),
    path("sessions/mini-program/", MiniProgramSessionView.as_view(), name="api-mini-program"),
    path("sessions/mini-program/phone/", MiniProgramPhoneView.as_view(), name="api-mini-program-phone"),
    path("auth/password/", PasswordLoginView.as_view(), name="api-password-login"),
    path("password/", PasswordView.as_view(), name="api-password"),
    path("password/codes/", PasswordCodesView.as_view(), name="api-password-codes"),
    path("password/removal/", PasswordRemovalView.as_view(), name="api-password-removal"),
    path("till-code/", TillCodeView.as_view(), name="api-till-code"),
    path("devices/", DevicesView.as_view(), name="api-devices"),
    path("devices/<id:device_id>/", DeviceView.as_view(), name="api-device"),
    path("me/", MeView.as_view(), name="api-me"),
    path("privacy/notice/", PrivacyNoticeView.as_view(), name="api-privacy-notice"),
    path("privacy/consent/", ConsentView.as_view(), name="api-consent"),
    path("privacy/copies/", CopiesView.as_view(), name="api-copies"),
    path("privacy/copies/<id:export_id>/", CopyView.as_view(), name="api-copy"),
    path("privacy/closing/", ClosingView.as_view(), name="api-closing"),
    path("me/profile/", ProfileView.as_view(), name="api-profile"),
    path("me/avatar/", AvatarView.as_view(), name="api-avatar"),
    path("me/avatar/picture/", AvatarPictureView.as_view(), name="api-avatar-picture"),
    path("tiers/", TiersView.as_view(), name="api-tiers"),
    path("regions/", RegionsView.as_view(), name="api-regions"),
    path("addresses/", AddressesView.as_view(), name="api-addresses"),
    path("addresses/<id:address_id>/", AddressView.as_view(), name="api-address"),
    path("addresses/<id:address_id>/default/", DefaultAddressView.as_view(), name="api-address-default"),
    path("points/entries/", EntriesView.as_view(), name="api-entries"),
    path("points/lapsing/", LapsingView.as_view(), name="api-lapsing"),
    path("points/entries/<id:entry_id>/", EntryView.as_view(), name="api-entry"),
    path("invitations/", InviteesView.as_view(), name="api-invitees"),
    path("invitations/code/", InviteView.as_view(), name="api-invite"),
    path("inviters/<str:code>/", InviterView.as_view(), name="api-inviter"),
    path("shares/", SharesView.as_view(), name="api-shares"),
    path("shares/<str:code>/visits/", ShareVisitsView.as_view(), name="api-share-visits"),
    path("messages/", MessagesView.as_view(), name="api-messages"),
    path("messages/unread/", MessagesUnreadView.as_view(), name="api-messages-unread"),
    path("messages/read/", MessagesReadView.as_view(), name="api-messages-read"),
    path("messages/preferences/", MessagePreferencesView.as_view(), name="api-message-preferences"),
    path("messages/subscriptions/", MessageSubscriptionsView.as_view(), name="api-message-subscriptions"),
    path("messages/<id:message_id>/", MessageView.as_view(), name="api-message"),
    path("messages/<id:message_id>/read/", MessageReadView.as_view(), name="api-message-read"),
    path("plans/", PlansView.as_view(), name="api-plans"),
    path("plans/<id:plan_id>/trial/", TrialView.as_view(), name="api-plan-trial"),
    path("membership/", MembershipView.as_view(), name="api-membership"),
    path("membership/savings/", SavingsView.as_view(), name="api-savings"),
    path("gift-cards/activations/", GiftCardsView.as_view(), name="api-gift-cards"),
]

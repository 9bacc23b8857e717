"""H5 pages of members."""

from django.urls import path

from members.h5 import (
    addresses,
    devices,
    lapsing,
    login,
    membership,
    messages,
    oauth,
    passwords,
    points,
    profile,
    till_code,
)

app_name = "members"
urlpatterns = [
    path("login/", login.login_page, name="login"),
    path("login/code/", login.login_code, name="login-code"),
    path("login/password/", passwords.password_login_page, name="password-login"),
    path("login/wechat/", oauth.wechat_start, name="wechat"),
    path("login/wechat/back/", oauth.wechat_back, name="wechat-back"),
    path("password/", passwords.password_page, name="password"),
    path("password/code/", passwords.password_code, name="password-code"),
    path("devices/", devices.devices_page, name="devices"),
    path("devices/end-others/", devices.devices_end_others, name="devices-end-others"),
    path("devices/<int:device_id>/end/", devices.device_end, name="device-end"),
    path("devices/wechat/<int:identity_id>/unbind/", devices.identity_unbind, name="identity-unbind"),
    path("code/", till_code.till_code_page, name="till-code"),
    path("logout/", login.logout, name="logout"),
    path("dev/inbox/", login.dev_inbox, name="dev-inbox"),
    path("points/", points.statement_page, name="statement"),
    path("points/lapsing/", lapsing.lapsing_page, name="lapsing"),
    path("points/<int:entry_id>/", points.entry_page, name="entry"),
    path("addresses/", addresses.address_list, name="addresses"),
    path("addresses/new/", addresses.address_new, name="address-new"),
    path("addresses/regions/", addresses.address_regions, name="address-regions"),
    path("addresses/<int:address_id>/", addresses.address_edit, name="address-edit"),
    path("addresses/<int:address_id>/delete/", addresses.address_delete, name="address-delete"),
    path("addresses/<int:address_id>/default/", addresses.address_default, name="address-default"),
    path("benefits/", membership.benefits_page, name="benefits"),
    path("profile/", profile.profile_page, name="profile"),
    path("profile/avatar/", profile.avatar_page, name="avatar"),
    path("messages/", messages.messages_page, name="messages"),
    path("messages/read/", messages.messages_read, name="messages-read"),
    path("messages/settings/", messages.settings_page, name="message-settings"),
    path("messages/email/", messages.email_save, name="message-email"),
    path("messages/email/<str:token>/", messages.email_confirm, name="message-email-confirm"),
    path("messages/<int:message_id>/", messages.message_page, name="message"),
]

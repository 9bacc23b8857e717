"""H5 pages of members."""

from django.urls import path

from members.h5 import addresses, lapsing, login, membership, points, profile

app_name = "members"
urlpatterns = [
    path("login/", login.login_page, name="login"),
    path("login/code/", login.login_code, name="login-code"),
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
]

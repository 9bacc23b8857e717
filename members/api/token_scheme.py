"""How the schema describes the members' token. Registered by being imported."""

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme


class MemberTokenScheme(KnoxTokenScheme):
    """`Authorization: Bearer …`."""

    target_class = "members.api.auth.MemberTokenAuthentication"
    name = "memberToken"

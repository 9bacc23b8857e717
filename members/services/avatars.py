"""How a member looks: a picture that comes with the shop, or one of their own."""

from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from config.core.db import edge_transaction, transaction_required
from config.core.pictures import clean_picture
from members.rules import profiles
from members.services.locks import lock_members

_FOLDER = "avatars/"
_SIDE = 320


def is_upload(avatar: str) -> bool:
    """Whether the name is that of a member's own picture."""
    return avatar.startswith(_FOLDER)


def upload_avatar(*, member_id: int, upload: IO[bytes], size: int) -> str:
    """The name of the member's new picture: a square of their upload, encoded anew; the old file goes.

    It opens the transaction itself: a picture is decoded before anybody is locked. Raises BadPicture.
    """
    name = _stored(clean_picture(upload, size=size, side=_SIDE, is_square=True))
    try:
        with edge_transaction():
            _replace(member_id, name)
    except BaseException:
        default_storage.delete(name)
        raise
    return name


@transaction_required
def choose_avatar(*, member_id: int, avatar: str) -> None:
    """Take one of the shop's pictures; an uploaded one goes. Raises InvalidInput."""
    _replace(member_id, profiles.clean_avatar(avatar))


@transaction_required
def remove_file(*, avatar: str) -> None:
    """Have an uploaded picture deleted when this transaction commits."""
    if is_upload(avatar):
        transaction.on_commit(lambda: default_storage.delete(avatar), robust=True)


def _stored(picture: "ContentFile[bytes]") -> str:
    return default_storage.save(f"{_FOLDER}{picture.name}", picture)


def _replace(member_id: int, avatar: str) -> None:
    member = lock_members([member_id])[member_id]
    remove_file(avatar=member.avatar)
    member.avatar = avatar
    member.save(update_fields=["avatar"])

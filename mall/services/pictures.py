"""Uploaded pictures: decoded, bounded and encoded anew, so that nothing but pixels is kept."""

from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from config.core.errors import DomainError
from config.core.random_numbers import public_number

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_MAX_BYTES = 10 * 1024 * 1024
_MAX_SIDE = 6000
_KEPT_SIDE = 1200


class BadPicture(DomainError):
    """The upload is no picture we take; `reason` says why in Chinese."""

    code = "bad_picture"
    message = "图片无法使用：{reason}"
    http_status = 400
    field = "image"


def clean_picture(upload: IO[bytes], *, size: int) -> ContentFile:
    """A WebP file of at most 1200 px a side with a random name. Raises BadPicture; `size` is the upload's bytes."""
    if size > _MAX_BYTES:
        raise BadPicture(reason="文件超过 10 MB")
    try:
        picture = Image.open(upload, formats=_FORMATS)
        if max(picture.size) > _MAX_SIDE:
            raise BadPicture(reason=f"边长超过 {_MAX_SIDE} 像素")
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture(reason="不是有效的 JPG、PNG、WebP 或 GIF 图片") from error
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    out = BytesIO()
    upright.convert("RGBA" if upright.mode in {"RGBA", "LA", "P"} else "RGB").save(out, "WEBP", quality=82)
    return ContentFile(out.getvalue(), name=f"{public_number(16)}.webp")

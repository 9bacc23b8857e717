"""Files about segments: who is in one, and the lines of an uploaded list that named nobody."""

import csv
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from config.core.admin.spreadsheets import harmless
from members.selectors.segments import members_of

_KEPT_SECONDS = 24 * 3600


class _Echo:
    """A file that gives back what is written to it, so that a table streams line by line."""

    def write(self, line: str) -> str:
        return line


def list_of_members(*, segment_id: int) -> StreamingHttpResponse:
    """Who is in the segment, as a CSV."""
    headers = _attachment(f"segment-{segment_id}.csv")
    return StreamingHttpResponse(_lines(segment_id), content_type="text/csv", headers=headers)


def keep_faults(request: HttpRequest, *, path: Path) -> str:
    """Keep that file for a day, for whoever uploaded the list alone; the address of it."""
    name = secrets.token_urlsafe(12)
    packed = b64encode(zlib.compress(path.read_bytes())).decode()
    cache.set(_key(request, name), packed, timeout=_KEPT_SECONDS)
    return reverse("admin:members_segment_faults", args=[name])


def faults(request: HttpRequest, name: str) -> HttpResponse:
    """The lines that named nobody, as a CSV."""
    packed = cache.get(_key(request, name))
    if packed is None:
        raise Http404
    unpacked = zlib.decompress(b64decode(packed))
    return HttpResponse(unpacked, content_type="text/csv", headers=_attachment("faults.csv"))


def _key(request: HttpRequest, name: str) -> str:
    return f"segment-faults:{request.user.pk}:{name}"


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _lines(segment_id: int) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["会员号", "昵称", "手机尾号", "等级", "进入时间"])
    for row in members_of(segment_id=segment_id):
        yield writer.writerow([row.number, harmless(row.nickname), row.phone_last4, row.tier, _moment(row.entered_at)])


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"

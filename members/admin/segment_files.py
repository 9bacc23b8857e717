"""Files about segments: who is in one, and the lines of an uploaded list that named nobody."""

import csv
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from config.core.admin.spreadsheets import harmless
from members.models import SegmentUpload, SegmentUploadLine
from members.selectors.segments import members_of

_SHOWN = 5


class _Echo:
    """A file that gives back what is written to it, so that a table streams line by line."""

    def write(self, line: str) -> str:
        return line


def list_of_members(*, segment_id: int) -> StreamingHttpResponse:
    """Who is in the segment, as a CSV."""
    headers = _attachment(f"segment-{segment_id}.csv")
    return StreamingHttpResponse(_lines(segment_id), content_type="text/csv", headers=headers)


def shown_uploads(*, segment_id: int, asker_id: int) -> str:
    """The latest lists of the segment: how far each is, or what became of it; to who uploaded it, its bad lines too."""
    rows = list(SegmentUpload.objects.filter(segment=segment_id).order_by("-pk")[:_SHOWN])
    if not rows:
        return "还没有上传过名单"
    bad = _bad_lines([row.pk for row in rows if row.user_id == asker_id and row.state == SegmentUpload.State.DONE])
    said = ((row.state, row.get_state_display(), _words(row), _faulty_block(row, bad.get(row.pk, []))) for row in rows)
    return format_html(
        '<ul class="mall-uploads">{}</ul>',
        format_html_join("", '<li data-state="{}"><b>{}</b><span>{}</span>{}</li>', said),
    )


def _words(row: SegmentUpload) -> str:
    start = f"{_moment(row.asked_at)} {'替换' if row.replaces else '追加'}"
    if row.state == SegmentUpload.State.FAILED:
        return f"{start}：{row.why}"
    if row.state != SegmentUpload.State.DONE:
        return f"{start}：已读 {row.lines:,} 行，刷新本页查看进度"
    moved = f"，移出 {row.left:,} 位" if row.replaces else ""
    bad = f"，{row.bad:,} 行没有对上会员" if row.bad else ""
    return f"{start}：名单里有 {row.named:,} 位会员，新加入 {row.entered:,} 位{moved}{bad}"


def _bad_lines(upload_ids: list[int]) -> dict[int, list[SegmentUploadLine]]:
    """The first lines of each that named nobody, as long as they are kept."""
    rows = SegmentUploadLine.objects.filter(upload__in=upload_ids, member__isnull=True)
    ranked = rows.annotate(place=Window(RowNumber(), partition_by="upload", order_by="line"))
    found: dict[int, list[SegmentUploadLine]] = {}
    for row in ranked.filter(place__lte=_SHOWN).order_by("upload", "line"):
        found.setdefault(row.upload_id, []).append(row)
    return found


def _faulty_block(row: SegmentUpload, lines: list[SegmentUploadLine]) -> str:
    """The lines, and where to get all of them; empty for whom they are not, and once they are forgotten."""
    if not lines:
        return ""
    said = format_html_join("", "<li>第 {} 行「{}」{}</li>", ((one.line, one.text, one.why) for one in lines))
    url = reverse("admin:members_segment_faults", args=[row.pk])
    return format_html('<ul>{}</ul><a href="{}">下载没有对上的行（保留一天）</a>', said, url)


def faults(request: HttpRequest, *, upload_id: int) -> StreamingHttpResponse:
    """The lines that named nobody, as a CSV, for who uploaded the list alone."""
    rows = SegmentUploadLine.objects.filter(upload=upload_id, upload__user=request.user.pk, member__isnull=True)
    if not rows.exists():
        raise Http404
    said = rows.order_by("line").values_list("line", "text", "why").iterator(chunk_size=2000)
    return StreamingHttpResponse(_faulty(said), content_type="text/csv", headers=_attachment("faults.csv"))


def _faulty(rows: Iterator[tuple[int, str, str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["行", "内容", "原因"])
    for line, text, why in rows:
        yield writer.writerow([line, harmless(text), why])


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _lines(segment_id: int) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["会员号", "昵称", "手机尾号", "等级", "进入时间"])
    for row in members_of(segment_id=segment_id):
        yield writer.writerow([row.number, harmless(row.nickname), row.phone_last4, row.tier, _moment(row.entered_at)])


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"

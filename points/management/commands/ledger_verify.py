"""manage.py ledger_verify: proves the ledger's history against its seals."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from points.selectors import audits, seals

_FAULTS = {
    "entry_altered": "流水 {entry} 在封存之后被改动（封存 {seal}）",
    "entry_deleted": "流水 {entry} 在封存之后被删除（封存 {seal}）",
    "entry_inserted": "流水 {entry} 是在封存之后插入的（封存 {seal}）",
    "seal_altered": "封存 {seal} 被改动",
    "seal_missing": "封存 {seal} 与上一个封存不相连：中间有封存被删除或插入",
}


class Command(BaseCommand):
    """Every sealed entry, lot and draw is as it was. Exit code 1 and the first bad entry when one isn't."""

    help = "重新核对全部封存：指出第一条被改动、删除或插入的积分流水"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be asked for."""
        parser.add_argument("--head", help="以前记下的链头指纹（64 位十六进制）：它必须还在链上")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove the chain from its first seal to its last."""
        heads = [head for head in (options["head"], audits.latest_head()) if head]
        if options["head"] and not re.fullmatch("[0-9a-f]{64}", options["head"]):
            raise CommandError("链头指纹是 64 位十六进制数")
        entries = sum(self._entries_proved())
        if not all(seals.is_in_chain(hash_hex=head) for head in heads):
            raise CommandError("链的末尾被截断：以前记下的链头不在链上")
        end = seals.head()
        self.stdout.write(f"账本完好：{entries:,} 条已封存的流水与封存时一致，另有 {seals.unsealed():,} 条尚未封存")
        self.stdout.write(f"链头：{end.hash or '（还没有封存）'}")

    def _entries_proved(self) -> Any:
        with tqdm(total=seals.count(), unit="封存", disable=None) as bar:
            for proof in seals.prove_chain():
                bar.update(proof.seals)
                if proof.fault:
                    raise CommandError(_FAULTS[proof.fault].format(entry=proof.entry, seal=proof.seal))
                yield proof.entries

"""阿里云短信: SendSms of dysmsapi 2017-05-25, signed with ACS3-HMAC-SHA256."""

import json
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from members.senders.signing import aliyun_authorization, body_hash, canonical_query
from members.senders.texts import Account, Text, post, refuse

_TOO_OFTEN: Final = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"})
_REFUSED: Final = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.UN_RECEIVABLE_NUMBER"})


def send(*, text: Text, account: Account, at: datetime) -> None:
    """Hand one message over. Raises TextNotSent, TextRefused, TextsTooOften."""
    template, values = account.template_of(text)
    query = canonical_query(
        {
            "PhoneNumbers": text.phone,
            "SignName": account.sign_name,
            "TemplateCode": template,
            "TemplateParam": json.dumps(values, ensure_ascii=False),
        }
    )
    answer = post(company="aliyun", url=f"{account.base_url}/?{query}", headers=_headers(account, query, at), body=b"")
    code = str(answer.get("Code", ""))
    if code != "OK":
        request_id = str(answer.get("RequestId", ""))
        refuse(company="aliyun", code=code, request_id=request_id, too_often=_TOO_OFTEN, refused=_REFUSED)


def _headers(account: Account, query: str, at: datetime) -> dict[str, str]:
    signed = {
        "host": urlsplit(account.base_url).netloc,
        "x-acs-action": "SendSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-content-sha256": body_hash(b""),
    }
    authorization = aliyun_authorization(
        key_id=account.key_id, secret=account.key_secret, query=query, headers=signed, body=b""
    )
    return {**signed, "authorization": authorization}

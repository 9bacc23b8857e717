"""腾讯云短信: SendSms of sms 2021-01-11, signed with TC3-HMAC-SHA256."""

import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from members.senders.signing import tencent_authorization
from members.senders.texts import Account, Text, post, refuse

REGION: Final = "ap-guangzhou"
_TOO_OFTEN: Final = frozenset(
    {
        "LimitExceeded.DeliveryFrequencyLimit",
        "LimitExceeded.PhoneNumberCountLimit",
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberOneHourLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "LimitExceeded.PhoneNumberThirtySecondLimit",
    }
)
_REFUSED: Final = frozenset({"InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist"})


def send(*, text: Text, account: Account, at: datetime) -> None:
    """Hand one message over. Raises TextNotSent, TextRefused, TextsTooOften."""
    template, values = account.template_of(text)
    body = json.dumps(
        {
            "PhoneNumberSet": [f"+86{text.phone}"],
            "SmsSdkAppId": account.app_id,
            "SignName": account.sign_name,
            "TemplateId": template,
            "TemplateParamSet": list(values.values()),
        }
    ).encode()
    answer = post(company="tencent", url=f"{account.base_url}/", headers=_headers(account, body, at), body=body)
    found = answer.get("Response")
    response: dict[str, Any] = found if isinstance(found, dict) else {}
    code = _code_of(response)
    if code != "Ok":
        request_id = str(response.get("RequestId", ""))
        refuse(company="tencent", code=code, request_id=request_id, too_often=_TOO_OFTEN, refused=_REFUSED)


def _code_of(response: dict[str, Any]) -> str:
    """The error of the whole call, else the state of its one message."""
    error = response.get("Error")
    if isinstance(error, dict):
        return str(error.get("Code", ""))
    states = response.get("SendStatusSet") or [{}]
    return str(states[0].get("Code", ""))


def _headers(account: Account, body: bytes, at: datetime) -> dict[str, str]:
    signed = {
        "content-type": "application/json; charset=utf-8",
        "host": urlsplit(account.base_url).netloc,
        "x-tc-action": "sendsms",
    }
    authorization = tencent_authorization(
        key_id=account.key_id, secret=account.key_secret, service="sms", headers=signed, body=body, at=at
    )
    return {
        **signed,
        "x-tc-action": "SendSms",
        "x-tc-version": "2021-01-11",
        "x-tc-region": account.region or REGION,
        "x-tc-timestamp": str(int(at.timestamp())),
        "authorization": authorization,
    }

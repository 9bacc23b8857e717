"""Pages per second with two workers, each against its template rendered from constants by the same server.

Also query counts at 100 and 20,000 products, which must be equal, and the memory of a worker.
"""

import pickle
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment

from bench import catalogue, constants
from bench.figures import Figure
from bench.load import requests_per_second
from bench.servers import GRANIAN, Server
from mall.models import Product
from members.models import Member, User
from members.services import sign_in

_SECONDS = 5.0
_WANTED = 0.4


def measure() -> Iterator[Figure]:
    """page_* in requests per second, queries_* in queries, memory_worker in MB."""
    member = catalogue.set_up()
    client = signed_in(member)
    catalogue.grow_to(100)
    few = _queries(client)
    catalogue.grow_to(20_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    many = _queries(client)
    for name, count in many.items():
        yield Figure(name=f"queries_{name}", value=count, unit="at 20,000", limit=few[name], wanted=1.0, at_most=True)
    _keep_constants(client)
    cookie = cookie_of(client)
    with Server(command=GRANIAN) as server:
        for name, path in _paths().items():
            limit = requests_per_second(port=server.port, path=f"/constants/{name}/", cookie=cookie, seconds=_SECONDS)
            value = requests_per_second(port=server.port, path=path, cookie=cookie, seconds=_SECONDS)
            yield Figure(name=f"page_{name}", value=value, unit="requests/s", limit=limit, wanted=_WANTED)
        yield Figure(name="memory_worker", value=server.worker_megabytes(), unit="MB")


def _paths() -> dict[str, str]:
    product = Product.objects.order_by("pk")[0].pk
    return {
        "home": "/",
        "list": "/categories/c1/",
        "product": f"/products/{product}/",
        "search": "/search/?q=%E7%B2%BE%E9%80%89%E8%A3%85",
        "member": "/me/",
    }


def signed_in(member: Member) -> Client:
    """A browser in which the member is logged in, for 127.0.0.1."""
    client = Client(headers={"host": "127.0.0.1"})
    with transaction.atomic():
        user_id = sign_in.log_in_of(member_id=member.pk)
    client.force_login(User.objects.get(pk=user_id))
    return client


def cookie_of(client: Client) -> str:
    """What the client's browser would send."""
    return "; ".join(f"{name}={client.cookies[name].value}" for name in ("sessionid", "csrftoken"))


def _queries(client: Client) -> dict[str, int]:
    counts = {}
    for name, path in _paths().items():
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        counts[name] = len(caught)
    return counts


def _keep_constants(client: Client) -> None:
    """Save every page's template and plain values for the workers' constant pages."""
    setup_test_environment()
    kept: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, path in _paths().items():
        answer = client.get(path)
        values = answer.context.flatten() if hasattr(answer.context, "flatten") else _flat(answer.context)
        plain = {k: v for k, v in values.items() if k not in _NOT_VALUES}
        plain["csrf_token"] = "x" * 64
        kept[name] = (str(answer.templates[0].name), plain)
    teardown_test_environment()
    constants.KEPT.parent.mkdir(parents=True, exist_ok=True)
    with constants.KEPT.open("wb") as file:
        _Plain(file).dump(kept)


class _Plain(pickle.Pickler):
    """Leaves out the questions that a value could still ask: a page has its answers when it is rendered."""

    def reducer_override(self, value: Any) -> Any:
        return (
            (type(None), ()) if isinstance(value, FunctionType) and "<locals>" in value.__qualname__ else NotImplemented
        )


def _flat(contexts: Any) -> dict[str, Any]:
    """The first template's values: a page that includes others has a list of contexts."""
    return {key: value for part in contexts[0].dicts for key, value in part.items()}


_NOT_VALUES = {"request", "user", "perms", "messages", "csrf_token", "block", "True", "False", "None", "forloop"}

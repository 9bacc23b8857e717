"""Ways to pay: a registry that the cashier offers and the payment service checks."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from config.core.errors import DomainError


class ProviderUnavailable(DomainError):
    """No such way to pay here."""

    code = "provider_unavailable"
    message = "暂不支持这种支付方式"
    field = "provider"


@dataclass(frozen=True, kw_only=True)
class PaymentProvider:
    """One way to pay. `is_enabled` is asked each time: a switched-off provider takes no payment and no notice."""

    code: str
    title: str
    is_enabled: Callable[[], bool]


_providers: dict[str, PaymentProvider] = {}


def register(provider: PaymentProvider) -> None:
    """Make a provider known; the same code twice must be the same object."""
    if _providers.setdefault(provider.code, provider) is not provider:
        raise ValueError(f"payment provider {provider.code!r} is registered twice")


def available() -> list[PaymentProvider]:
    """The providers that take payments now, by code."""
    return [provider for _, provider in sorted(_providers.items()) if provider.is_enabled()]


def provider_named(code: str) -> PaymentProvider:
    """The enabled provider of that code. Raises ProviderUnavailable."""
    provider = _providers.get(code)
    if provider is None or not provider.is_enabled():
        raise ProviderUnavailable()
    return provider


register(PaymentProvider(code="sandbox", title="沙箱支付（演示）", is_enabled=lambda: bool(settings.SANDBOX_CASHIER)))

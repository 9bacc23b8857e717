"""Refusals of the domain as sentences on a form."""

from django import forms

from config.core.errors import DomainError, InvalidInput

_NAMES_ON_FORMS = {"address_id": "address", "buyer_note": "note", "sku_id": "sku"}


def place(form: forms.Form, error: DomainError) -> None:
    """Put the refusal at the form's field that it names, else above the form."""
    if isinstance(error, InvalidInput):
        for name, sentence in error.fields.items():
            _add(form, name, sentence)
        return
    _add(form, error.field or "", error.text)


def _add(form: forms.Form, name: str, sentence: str) -> None:
    name = _NAMES_ON_FORMS.get(name, name)
    form.add_error(name if name in form.fields else None, sentence)


def sentences(form: forms.Form, *, shown_at_fields: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every sentence of the form's errors, less those that the page shows at their fields; each once."""
    found = [
        str(sentence) for name, errors in form.errors.items() if name not in shown_at_fields for sentence in errors
    ]
    return tuple(dict.fromkeys(found))


def status_of(error: DomainError) -> int:
    """404 for what is not there, 409 for what changed meanwhile, else 422: the page is shown again with the reason."""
    return error.http_status if error.http_status in (404, 409) else 422

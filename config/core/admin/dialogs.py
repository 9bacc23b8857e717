"""Dialogs that run one service: done, the page opens anew; refused, the sentence stands at the field."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect
from unfold.forms import BaseDialogForm

from config.core.db import edge_transaction
from config.core.errors import DomainError, InvalidInput


class DialogForm(BaseDialogForm):
    """A dialog's form, which also shows refusals that belong to no field of it."""

    form_before_template = "admin/dialog_refusals.html"

    def get_before_template_context(self, request: HttpRequest, object_id: Any = None) -> dict[str, Any]:
        return {"refusals": list(self.non_field_errors())}


def place_refusal(form: forms.Form, error: DomainError) -> None:
    """Put a refusal at the visible fields that it names, else above the form."""
    sentences = dict(error.fields) if isinstance(error, InvalidInput) else {error.field or "": error.text}
    for name, sentence in sentences.items():
        is_visible = name in form.fields and not form.fields[name].widget.is_hidden
        form.add_error(name if is_visible else None, sentence)


def answer_dialog(
    *,
    model_admin: ModelAdmin,
    request: HttpRequest,
    object_id: Any,
    form: DialogForm,
    dialog: dict[str, Any],
    act: Callable[[], str],
    url: str,
) -> HttpResponse:
    """Run `act`, which calls one service and says in a sentence what it did; note that in the history and open `url`.

    Dialogs are sent by htmx, which would swap the page behind a plain redirect into the dialog.
    """
    row = model_admin.get_object(request, str(object_id))
    if row is None:
        raise Http404
    try:
        with edge_transaction():
            sentence = act()
            model_admin.log_change(request, row, sentence)
    except DomainError as error:
        place_refusal(form, error)
        context = {"dialog": dialog, "form": form, "form_submit_text": dialog["form_submit_text"]}
        return render(request, "unfold/helpers/dialog.html", context)
    model_admin.message_user(request, sentence, messages.SUCCESS)
    return HttpResponseClientRedirect(url)

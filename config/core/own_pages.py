"""Which of this site's pages a request came from."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_before(request: HttpRequest) -> str:
    """The address of the page of this site that the request came from; empty when it came from elsewhere.

    The browser says so in `Referer`, and anybody else may say anything there: a word is no address.
    """
    said: str = request.META.get("HTTP_REFERER", "")
    is_ours = url_has_allowed_host_and_scheme(said, allowed_hosts={request.get_host()})
    return said if is_ours and said.startswith(("http://", "https://")) else ""

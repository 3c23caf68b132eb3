"""The address that supervisors ask whether the site serves: `/healthz`."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

ADDRESS = "/healthz"


class HealthMiddleware:
    """Answers before host names and sessions are looked at: a supervisor calls by number and has no cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return health() if request.path == ADDRESS else self.get_response(request)


def health() -> HttpResponse:
    """200 when the database answers, else 503 (the reason is in the log, not on the page)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")

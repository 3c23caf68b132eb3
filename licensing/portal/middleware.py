"""What every answer carries, and what becomes of a refusal that no page has caught."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from licensing.audit.refusals import Invalid, NotPermitted, Refused

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
Next = Callable[[HttpRequest], HttpResponse]


class PortalMiddleware:
    """A strict content security policy on every answer; a refusal becomes a page that says what happened and what to do."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if getattr(request, "user", None) and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        status = 403 if isinstance(exception, NotPermitted) else 400 if isinstance(exception, Invalid) else 409
        back = request.headers.get("Referer", "") if request.method == "POST" else ""
        own = back.startswith(f"{request.scheme}://{request.get_host()}/")
        return render(
            request, f"{status}.html", {"sentence": exception.sentence, "back": back if own else ""}, status=status
        )

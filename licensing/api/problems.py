"""Every error of the API as problem details (RFC 9457), in one place."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Refused

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[Refused], int] = {NotPermitted: 403, NotNow: 409, Invalid: 422}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: our refusals, Django's and DRF's own errors; anything else stays an error 500."""
    if isinstance(error, Refused):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        errors = [
            {"field": problem.field, "value": problem.value, "detail": problem.mend}
            for problem in getattr(error, "problems", ())
        ]
        return problem(status, error.code, error.sentence, errors)
    if isinstance(error, RecursionError):
        return problem(400, "too_deep", "The JSON is nested too deeply: no request needs more than a few levels.")
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return problem(404, "not_found", "There is nothing here that you may see.")
    if isinstance(error, PermissionDenied):
        return problem(403, "not_permitted", "You may not do this.")
    if isinstance(error, ValidationError):
        return problem(422, "invalid", "Some answers are missing or wrong.", _flatten(error.detail))
    if isinstance(error, APIException):
        response = problem(error.status_code, str(error.default_code), str(error.detail))
        header = getattr(error, "auth_header", None)
        if header:
            response["WWW-Authenticate"] = header
        return response
    return None


def problem(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:entente:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _flatten(detail: Any, prefix: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [
            row for key, value in detail.items() for row in _flatten(value, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(detail, list):
        return [
            row
            for index, value in enumerate(detail)
            for row in (
                _flatten(value, f"{prefix}.{index}")
                if isinstance(value, dict | list)
                else [{"field": prefix, "value": "", "detail": str(value)}]
            )
        ]
    return [{"field": prefix, "value": "", "detail": str(detail)}]

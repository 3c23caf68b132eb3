"""The office's web: two addresses that take a command as JSON and answer when it is committed."""

import json
import os
import signal
import uuid
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

application = get_wsgi_application()  # loads the models that the rest imports

from workflows import engine  # noqa: E402
from workflows.kernel import Actor, Refused  # noqa: E402
from workflows.models import Instance  # noqa: E402


def person(name: str) -> Actor:
    return engine.SYSTEM if name == "system" else Actor(name, name.title())


@require_POST
def start(request: HttpRequest) -> JsonResponse:
    said = json.loads(request.body)
    return _answer(said, lambda: engine.start(
        key="office", reference=said["reference"], facts={}, actor=person(said["who"]), command_id=uuid.UUID(said["id"])
    ))  # fmt: skip


@require_POST
def command(request: HttpRequest) -> JsonResponse:
    said = json.loads(request.body)
    case = Instance.objects.values_list("pk", flat=True).get(reference=said["reference"])
    return _answer(said, lambda: engine.execute(
        instance_id=case, kind=said["kind"], actor=person(said["who"]), data=said["data"], command_id=uuid.UUID(said["id"])
    ))  # fmt: skip


def _answer(said: dict[str, Any], act: Any) -> JsonResponse:
    """Act and commit. With `die` the process is killed after the commit, before the bell of the outbox rings."""
    try:
        with transaction.atomic():
            if said.get("die"):
                transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
            outcome = act()
    except Refused as refused:
        return JsonResponse({"refused": refused.code}, status=409)
    return JsonResponse({"accepted": not outcome.repeated})


urlpatterns = [path("start", start), path("command", command)]

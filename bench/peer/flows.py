"""Four people approve side by side, and a join, as the peer (viewflow) writes it: locked as it advises where work is parallel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.flow.views import UpdateProcessView
from viewflow.workflow.lock import select_for_update_lock

from bench.peer.models import Approval

SEATS = ("one", "two", "three", "four")


class ApprovalFlow(flow.Flow):
    process_class = Approval
    lock_impl = select_for_update_lock

    start = flow.StartHandle(this.begin).Next(this.split)
    split = flow.Split().Next(this.one).Next(this.two).Next(this.three).Next(this.four)
    one = flow.View(UpdateProcessView.as_view(fields=[])).Next(this.join)
    two = flow.View(UpdateProcessView.as_view(fields=[])).Next(this.join)
    three = flow.View(UpdateProcessView.as_view(fields=[])).Next(this.join)
    four = flow.View(UpdateProcessView.as_view(fields=[])).Next(this.join)
    join = flow.Join().Next(this.end)
    end = flow.End()

    def begin(self, activation: Any) -> Any:
        return activation.process


class Approving:
    """A person who takes the four tasks and finishes them: two locked transactions each, as the peer's own pages make."""

    def __init__(self) -> None:
        self.user = get_user_model().objects.create(email="peer@entente.example")

    def case(self, _number: int = 0) -> None:
        process = ApprovalFlow.start.run()
        for seat in SEATS:
            with self._task(process, seat) as activation:
                activation.assign(self.user)
            with self._task(process, seat) as activation:
                activation.start(None)
                activation.execute()
        process.refresh_from_db()
        assert process.status == "DONE"

    @contextmanager
    def _task(self, process: Any, seat: str) -> Iterator[Any]:
        with ApprovalFlow.lock(process.pk), transaction.atomic():
            task = process.task_set.get(flow_task=getattr(ApprovalFlow, seat))
            yield task.flow_task.activation_class(task)

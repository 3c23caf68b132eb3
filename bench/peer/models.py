"""The process of the peer's flow: it keeps nothing of its own."""

from viewflow.workflow.models import Process


class Approval(Process):
    class Meta:
        proxy = True

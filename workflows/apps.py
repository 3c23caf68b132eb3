from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from workflows.kernel import calendars


class WorkflowsConfig(AppConfig):
    name = "workflows"
    label = "workflows"

    def ready(self) -> None:
        """Working days are counted by the calendars of the file that the setting names; without one, only calendar days are."""
        file = getattr(settings, "WORKFLOW_CALENDARS", None)
        if file is not None:
            calendars.use(Path(file).read_text(encoding="utf-8"))

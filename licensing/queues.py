"""Celery's queues and which task goes to which: the one place that names them.

Tasks of `workflows.tasks` choose the queue of their effect when they are sent; the others are routed here.
"""

CHECKS = "checks"
DOCUMENTS = "documents"
NOTICES = "notices"
TIMERS = "timers"
ALL = (CHECKS, DOCUMENTS, NOTICES, TIMERS)

SWEEP_SECONDS = 10.0
CHECKPOINT_SECONDS = 60.0
RESCREEN_SECONDS = 60.0
FETCH_SECONDS = 60.0

ROUTES = {
    "workflows.tasks.sweep": {"queue": TIMERS},
    "licensing.audit.tasks.*": {"queue": TIMERS},
    "licensing.documents.tasks.*": {"queue": DOCUMENTS},
    "licensing.licenses.tasks.*": {"queue": CHECKS},
    "licensing.notices.tasks.*": {"queue": NOTICES},
    "licensing.screening.tasks.*": {"queue": CHECKS},
}

SCHEDULE = {
    "sweep": {"task": "workflows.tasks.sweep", "schedule": SWEEP_SECONDS},
    "seal_checkpoint": {"task": "licensing.audit.tasks.seal_checkpoint", "schedule": CHECKPOINT_SECONDS},
    "rescreen": {"task": "licensing.licenses.tasks.rescreen", "schedule": RESCREEN_SECONDS},
    "fetch_lists": {"task": "licensing.screening.tasks.fetch_lists", "schedule": FETCH_SECONDS},
}

"""gunicorn's configuration. Settings are read here, so that a malformed one stops the start before any worker."""

from pathlib import Path

from licensing.settings import ENVIRONMENT

bind = f"{ENVIRONMENT.listen}:{ENVIRONMENT.port}"
worker_class = "gthread"
threads = 4
workers = ENVIRONMENT.web_workers
timeout = 60
graceful_timeout = 10
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 a heartbeat must not wait for a disk
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning" if ENVIRONMENT.log_level == "info" else ENVIRONMENT.log_level

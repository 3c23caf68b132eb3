"""The back end that `DATABASES` names when no DATABASE_URL is given."""

from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.postgresql import base

from licensing.local import leases
from licensing.local.servers import ServerFailed


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but a new connection first makes sure that the embedded server is up."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            leases.hold(settings.SERVERS_DIR, "postgres")
        except ServerFailed as error:
            raise OperationalError(str(error)) from error
        return super().get_new_connection(conn_params)

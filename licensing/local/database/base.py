"""The back end that `DATABASES` names when no DATABASE_URL is given."""

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, embedded."""

"""Django's PostgreSQL back end, which starts the embedded server when the first connection opens."""

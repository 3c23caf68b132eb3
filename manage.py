#!/usr/bin/env python
"""Entente on the command line: `python manage.py help`."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None):
            raise  # the server answered: this is about a statement, not about reaching it
        where = "in DATABASE_URL" if os.environ.get("DATABASE_URL") else "that is embedded"
        sys.stderr.write(f"The database {where} cannot be reached: {str(error).splitlines()[0]}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()

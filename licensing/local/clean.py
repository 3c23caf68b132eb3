"""`python3 -m licensing.local.clean`: remove what the system has written on this machine. Stop it first.

It takes no installed package, so that it works without `.venv`. A folder given as ENTENTE_VAR_DIR stays: it may
hold what is not ours; only the embedded servers in it go.
"""

import os
import shutil
import sys

from licensing import env
from licensing.local.places import roots, var_dirs

CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis", "staticfiles")


def main() -> None:
    own = env.BASE_DIR / "var"
    try:
        var_dir = env.read(os.environ).var_dir
    except env.SettingsError as error:
        sys.exit(str(error))
    servers = {root for each in (*var_dirs(own), *var_dirs(var_dir)) for root in roots(each)}
    for folder in (*servers, own, *(env.BASE_DIR / name for name in CACHES)):
        if folder.is_dir():
            shutil.rmtree(folder)
            sys.stdout.write(f"removed {folder}\n")


if __name__ == "__main__":
    main()

"""`python -m bench.memory 200`: draw and sign so many licenses and print the resident memory in megabytes."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


def main(times: int) -> None:
    django.setup()
    import psutil  # noqa: PLC0415 - after set-up
    from django.utils import timezone  # noqa: PLC0415

    from licensing.documents import render, sign  # noqa: PLC0415
    from tests.examples.documents import license_document  # noqa: PLC0415

    for number in range(times):
        document = license_document(reference=f"HM-{number}")
        page = render.html(
            "documents/license.html", document=document, development=True, title="License", created_at=timezone.now()
        )
        drawn = render.pdf(
            page, embedded=None, identifier=str(number), created_at=timezone.now(), verify_at=document.verification_url
        )
        sign.sign(drawn, reason="bench")
    sys.stdout.write(f"{psutil.Process().memory_info().rss / 2**20:.0f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))

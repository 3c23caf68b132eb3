"""When a license was signed is kept: what it replaces is replaced from then on, and not from when the change was granted."""

from django.db import migrations, models
from django.db.models import Q

FROM_DOCUMENTS = """
UPDATE licenses_license SET signed_at = document.created_at
FROM documents_document AS document WHERE document.id = licenses_license.document_id;
"""


class Migration(migrations.Migration):
    dependencies = [("licenses", "0012_answers_to_notices"), ("documents", "0003_file_scans")]

    operations = [
        migrations.AddField("license", "signed_at", models.DateTimeField(null=True)),
        migrations.RunSQL(FROM_DOCUMENTS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "license",
            models.CheckConstraint(
                condition=Q(document__isnull=True, signed_at__isnull=True)
                | Q(document__isnull=False, signed_at__isnull=False),
                name="license_signed_with_its_document",
            ),
        ),
    ]

"""What stands against a license knows the letter that told of it, which is what an appeal is against."""

import django.db.models.deletion
from django.db import migrations, models

LETTERS = """
UPDATE licenses_suspension SET letter_id = texts_letter.id FROM texts_letter
WHERE texts_letter.kind = 'suspension' AND texts_letter.subject_kind = 'license'
  AND texts_letter.subject_id = licenses_suspension.license_id::text AND texts_letter.written_at = licenses_suspension.suspended_at;
UPDATE licenses_ending SET letter_id = (
    SELECT id FROM texts_letter
    WHERE subject_kind = 'license' AND subject_id = licenses_ending.license_id::text AND written_at >= licenses_ending.confirmed_at
      AND kind = CASE licenses_ending.kind WHEN 'revoked' THEN 'revocation' ELSE licenses_ending.kind END
    ORDER BY written_at LIMIT 1
) WHERE confirmed_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0010_acknowledgments_are_kept"),
        ("texts", "0002_letters_stay"),
    ]

    operations = [
        migrations.AddField(
            model_name="ending",
            name="letter",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="ending", to="texts.letter"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="letter",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="suspension", to="texts.letter"
            ),
        ),
        migrations.RunSQL(LETTERS, migrations.RunSQL.noop),
    ]

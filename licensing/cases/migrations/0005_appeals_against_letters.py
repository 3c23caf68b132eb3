"""An appeal is against a letter, whatever that told; a stay may be asked for, granted or refused."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Appeals were against denials: each gets the letter that told of the denial.
LETTERS = """
UPDATE cases_appeal SET letter_id = (
    SELECT id FROM texts_letter
    WHERE kind = 'denial' AND subject_kind = 'case' AND subject_id = cases_appeal.case_id::text AND written_at <= cases_appeal.filed_at
    ORDER BY written_at DESC LIMIT 1
);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_validity"),
        ("texts", "0002_letters_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="stay",
            options={"ordering": ["pk"]},
        ),
        migrations.RemoveConstraint(
            model_name="appeal",
            name="appeal_once_against_a_decision",
        ),
        migrations.RemoveConstraint(
            model_name="stay",
            name="stay_one_at_a_time",
        ),
        migrations.AddField(
            model_name="appeal",
            name="letter",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="texts.letter"
            ),
        ),
        migrations.RunSQL(LETTERS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="appeal",
            name="letter",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="texts.letter"
            ),
        ),
        migrations.RemoveField(
            model_name="appeal",
            name="against",
        ),
        migrations.AddField(
            model_name="stay",
            name="refused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="stay",
            name="refused_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="stay",
            name="request",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="stay",
            name="requested_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="stay",
            name="requested_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="stay",
            name="granted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="stay",
            name="granted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="stay",
            name="reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True), ("refused_at__isnull", True)),
                fields=("appeal",),
                name="stay_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("requested_at__isnull", False),
                        ("requested_by__isnull", False),
                        models.Q(("request", ""), _negated=True),
                    ),
                    ("granted_at__isnull", False),
                    _connector="OR",
                ),
                name="stay_asked_for_or_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("granted_at__isnull", True), ("refused_at__isnull", True)),
                    models.Q(
                        models.Q(("granted_at__isnull", True), ("refused_at__isnull", True), _connector="OR"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="stay_answered_once_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(("lifted_at__isnull", True), ("granted_at__isnull", False), _connector="OR"),
                name="stay_lifted_after_granted",
            ),
        ),
    ]

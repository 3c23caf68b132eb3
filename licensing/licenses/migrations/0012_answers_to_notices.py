"""What the authority says to what it was notified is only ever added to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON licenses_dutyanswer
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0011_letters_of_standing"),
        ("audit", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DutyAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("acknowledged", "acknowledged"),
                            ("objected", "objected"),
                            ("informed", "informed"),
                            ("withdrawn", "withdrawn"),
                            ("asked", "asked"),
                            ("answered", "answered"),
                            ("voided", "voided"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.TextField()),
                ("said_at", models.DateTimeField()),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="licenses.dutyrecord"
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON licenses_dutyanswer"),
    ]

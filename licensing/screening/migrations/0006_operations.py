"""Sources to fetch from, batches of parties, decisions with a scope; a run keeps the stakes, a role has any length."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

HIT = (
    "run_id, party_ref, party_role, party, party_fingerprint, query_name, listed_party_id, list_key, entity_id, "
    "listed_name, score, features"
)
RUN = "subject_kind, subject_id, at, snapshots, engine_version, thresholds, queries, actor_id, actor_label"
BATCH = "filename, queries, snapshots, engine_version, thresholds, at, actor_id, actor_label"
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE {of} OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


def kept(table: str, columns: str = "") -> str:
    return TRIGGER.format(table=table, of=f"OF {columns}" if columns else "")


def gone(table: str) -> str:
    return f"DROP TRIGGER append_only ON {table};"


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0005_list_format"),
    ]

    operations = [
        migrations.RunSQL(gone("screening_hit"), kept("screening_hit", HIT)),
        migrations.RunSQL(gone("screening_screeningrun"), kept("screening_screeningrun", RUN)),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("audit_sequence", models.PositiveIntegerField(default=0, editable=False)),
                ("audit_head", models.CharField(blank=True, default="", editable=False, max_length=64)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("filename", models.CharField(max_length=200)),
                ("queries", models.JSONField()),
                ("snapshots", models.JSONField()),
                ("engine_version", models.CharField(max_length=80)),
                ("thresholds", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor_id", models.CharField(max_length=64)),
                ("actor_label", models.CharField(max_length=200)),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="BatchPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("answers", models.JSONField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddField(
            model_name="disposition",
            name="question",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="disposition",
            name="scope",
            field=models.CharField(
                choices=[
                    ("subject", "This application"),
                    ("party", "This party in every application of its organization"),
                ],
                default="party",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="subject_id",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="disposition",
            name="subject_kind",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="restrictedlist",
            name="every_hours",
            field=models.PositiveSmallIntegerField(default=24),
        ),
        migrations.AddField(
            model_name="restrictedlist",
            name="urls",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="restrictedlist",
            name="validators",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="screeningrun",
            name="stakes",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="hit",
            name="party_role",
            field=models.TextField(),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scope", "subject"), _negated=True),
                    models.Q(("subject_id", ""), _negated=True),
                    _connector="OR",
                ),
                name="screening_disposition_names_its_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="restrictedlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_hours__gte", 1)), name="screening_list_fetched_by_the_hour"
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["actor_id", "-at"], name="screening_batch_by_actor"),
        ),
        migrations.AddField(
            model_name="batchpart",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="screening.batch"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchpart",
            constraint=models.UniqueConstraint(fields=("batch", "number"), name="screening_batch_part_once"),
        ),
        migrations.RunSQL(kept("screening_hit", HIT), gone("screening_hit")),
        migrations.RunSQL(kept("screening_screeningrun", f"{RUN}, stakes"), gone("screening_screeningrun")),
        migrations.RunSQL(kept("screening_batch", BATCH), gone("screening_batch")),
        migrations.RunSQL(kept("screening_batchpart"), gone("screening_batchpart")),
    ]

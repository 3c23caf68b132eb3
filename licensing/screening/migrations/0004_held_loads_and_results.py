"""A load can be held and settled with a reason; a run keeps the digest of its result, which stays once the run has ended."""

from django.db import migrations, models

ENDED = """
DROP TRIGGER ended_stays_ended ON screening_screeningrun;
CREATE TRIGGER ended_stays_ended BEFORE UPDATE OF {columns} ON screening_screeningrun
FOR EACH ROW WHEN (OLD.state <> 'running') EXECUTE FUNCTION screening_refuse_reopening();
"""
BEFORE = "state, finished_at, error"


class Migration(migrations.Migration):
    dependencies = [("screening", "0003_addresses_and_ended_runs")]
    operations = [
        migrations.AddField("restrictedlist", "most_shrinkage", models.FloatField(default=0.1)),
        migrations.AddConstraint(
            "restrictedlist",
            models.CheckConstraint(
                condition=models.Q(most_shrinkage__gte=0, most_shrinkage__lte=1),
                name="screening_list_shrinkage_is_a_share",
            ),
        ),
        migrations.AddField("listsnapshot", "settled_because", models.TextField(blank=True, default=""), False),
        migrations.AddField(
            "screeningrun", "result_sha256", models.CharField(blank=True, default="", max_length=64), False
        ),
        migrations.RunSQL(ENDED.format(columns=f"{BEFORE}, result_sha256"), ENDED.format(columns=BEFORE)),
    ]

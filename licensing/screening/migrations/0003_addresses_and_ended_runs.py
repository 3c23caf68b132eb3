"""Listed parties have addresses, and a run that has ended stays as it ended: "done" never becomes anything else."""

from django.db import migrations, models

KEPT = (
    "restricted_list_id, entity_id, fingerprint, from_number, kind, name, aliases, weak_aliases, countries, birth_dates, "
    "identifiers, programs, license_requirement, license_policy, remarks"
)
TRIGGER = """
DROP TRIGGER append_only ON screening_listedparty;
CREATE TRIGGER append_only BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON screening_listedparty
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
ENDED = """
CREATE FUNCTION screening_refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'screening run % has ended: screen again instead', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ended_stays_ended BEFORE UPDATE OF state, finished_at, error ON screening_screeningrun
FOR EACH ROW WHEN (OLD.state <> 'running') EXECUTE FUNCTION screening_refuse_reopening();
"""
FORGET_ENDED = """
DROP TRIGGER ended_stays_ended ON screening_screeningrun;
DROP FUNCTION screening_refuse_reopening();
"""


class Migration(migrations.Migration):
    dependencies = [("screening", "0002_append_only")]
    operations = [
        migrations.AddField("listedparty", "addresses", models.JSONField(default=list)),
        migrations.RunSQL(TRIGGER.format(columns=f"{KEPT}, addresses"), TRIGGER.format(columns=KEPT)),
        migrations.RunSQL(ENDED, FORGET_ENDED),
    ]

"""A determination that was relied on stays as it was: the database itself refuses the rest."""

from django.db import migrations

KEPT = (
    "subject_kind, subject_id, at, recorded_at, requirement, exception, review_policy, workflow, facts, answer, policy_key, "
    "policy_version, control_list_version, list_versions, actor_id, actor_label"
)
TRIGGER = f"""
CREATE TRIGGER append_only BEFORE UPDATE OF {KEPT} OR DELETE OR TRUNCATE ON policy_determinationrecord
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON policy_determinationrecord")]

"""What was served, acknowledged, disclosed, undertaken and answered in confidence stays as it was: the database itself refuses the rest."""

from django.db import migrations

KEPT = ("confidentialanswer", "service", "acknowledgement", "undertaking")
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_{table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
DISCLOSED = """
CREATE TRIGGER disclosed_stays BEFORE UPDATE OR DELETE ON policy_disclosure
FOR EACH ROW WHEN (OLD.disclosed_at IS NOT NULL) EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0003_control_orders"), ("audit", "0002_append_only")]
    operations = [
        *(
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON policy_{table}")
            for table in KEPT
        ),
        migrations.RunSQL(DISCLOSED, "DROP TRIGGER disclosed_stays ON policy_disclosure"),
    ]

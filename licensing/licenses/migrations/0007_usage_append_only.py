"""What was done under a license is never rewritten; a mistake is corrected by an entry of its own. The database itself refuses the rest."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON licenses_usageentry
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("licenses", "0006_licenses_by_issue"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON licenses_usageentry")]

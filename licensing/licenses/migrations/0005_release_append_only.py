"""What a license allows, what was checked at release, and what was done about a duty are only ever added to."""

from django.db import migrations

TABLES = ["licenses_licenseterms", "licenses_releasescope", "licenses_releasecheck", "licenses_dutyrecord"]
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("licenses", "0004_release"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}") for table in TABLES
    ]

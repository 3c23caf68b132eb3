"""A classification that was relied on stays as it was: the database itself refuses the rest."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON catalog_classification
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON catalog_classification")]

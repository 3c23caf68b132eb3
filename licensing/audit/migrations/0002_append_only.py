"""The trail is only ever added to: the database itself refuses the rest."""

from django.db import migrations

TABLES = ["audit_event", "audit_checkpoint", "audit_checkpointhead", "audit_refusal", "audit_access"]

REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION audit_refuse_change()"),
        *[migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}") for table in TABLES],
    ]

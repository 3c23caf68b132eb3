"""What was issued or handed in is evidence: the database refuses to change it."""

from django.db import migrations

TABLES = ["documents_signingkey", "documents_document", "documents_storedfile"]

REFUSE = """
CREATE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it is: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
TRIGGER = """
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION documents_refuse_change()"),
        *[migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER immutable ON {table}") for table in TABLES],
    ]

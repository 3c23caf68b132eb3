"""Histories are only ever added to, and a published definition stays as it is: the database itself refuses the rest."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION workflows_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION workflows_only_retire() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.key, NEW.version, NEW.content, NEW.digest, NEW.published_at, NEW.published_by)
        IS DISTINCT FROM (OLD.key, OLD.version, OLD.content, OLD.digest, OLD.published_at, OLD.published_by) THEN
        RAISE EXCEPTION 'a published definition is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
DROP = "DROP FUNCTION workflows_refuse_change(); DROP FUNCTION workflows_only_retire();"
TRIGGERS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON workflows_event
    FOR EACH STATEMENT EXECUTE FUNCTION workflows_refuse_change();
CREATE TRIGGER never_gone BEFORE DELETE OR TRUNCATE ON workflows_definition
    FOR EACH STATEMENT EXECUTE FUNCTION workflows_refuse_change();
CREATE TRIGGER only_retire BEFORE UPDATE ON workflows_definition
    FOR EACH ROW EXECUTE FUNCTION workflows_only_retire();
"""
UNTRIGGER = """
DROP TRIGGER append_only ON workflows_event;
DROP TRIGGER never_gone ON workflows_definition; DROP TRIGGER only_retire ON workflows_definition;
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, DROP), migrations.RunSQL(TRIGGERS, UNTRIGGER)]

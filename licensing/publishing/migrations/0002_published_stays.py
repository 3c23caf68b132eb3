"""A published version stays as it is; only its place in the audit trail may be written. No version is ever deleted."""

from django.db import migrations

CREATE = """
CREATE FUNCTION publishing_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'audit_sequence' - 'audit_head') <> (to_jsonb(OLD) - 'audit_sequence' - 'audit_head') THEN
        RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER published_stays BEFORE UPDATE OR DELETE ON publishing_publication
    FOR EACH ROW WHEN (OLD.state IN ('published', 'withdrawn')) EXECUTE FUNCTION publishing_published_stays();
"""
DROP = "DROP TRIGGER published_stays ON publishing_publication; DROP FUNCTION publishing_published_stays()"


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]

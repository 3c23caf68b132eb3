"""An acknowledgment that is given is evidence: the database refuses to change or delete it, and to change what was asked to be acknowledged."""

from django.db import migrations

KEEP = """
CREATE FUNCTION licenses_keep_acknowledgment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.acknowledged_at IS NOT NULL OR
       (OLD.license_id, OLD.party_name, OLD.sent_to, OLD.sent_at, OLD.sent_by_id, OLD.texts, OLD.texts_digest) IS DISTINCT FROM
       (NEW.license_id, NEW.party_name, NEW.sent_to, NEW.sent_at, NEW.sent_by_id, NEW.texts, NEW.texts_digest) THEN
        RAISE EXCEPTION 'an acknowledgment is append-only: this change is refused' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE ON licenses_acknowledgment FOR EACH ROW EXECUTE FUNCTION licenses_keep_acknowledgment();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON licenses_acknowledgment
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
BACK = """
DROP TRIGGER append_only ON licenses_acknowledgment;
DROP TRIGGER kept ON licenses_acknowledgment;
DROP FUNCTION licenses_keep_acknowledgment();
"""


class Migration(migrations.Migration):
    dependencies = [("licenses", "0009_condition_items"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(KEEP, BACK)]

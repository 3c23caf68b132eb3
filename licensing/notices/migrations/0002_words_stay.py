"""What somebody was told is never reworded, and sent is never taken back: only the first `sent_at` may be written."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION notices_only_sending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sent_at IS NULL
       AND (to_jsonb(NEW) - 'sent_at') = (to_jsonb(OLD) - 'sent_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'notices_notice is kept as it is: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER words_stay BEFORE UPDATE OR DELETE ON notices_notice
FOR EACH ROW EXECUTE FUNCTION notices_only_sending();
CREATE TRIGGER rows_stay BEFORE TRUNCATE ON notices_notice
FOR EACH STATEMENT EXECUTE FUNCTION notices_only_sending();
"""
UNDO = "DROP TRIGGER words_stay ON notices_notice; DROP TRIGGER rows_stay ON notices_notice; DROP FUNCTION notices_only_sending();"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, UNDO)]

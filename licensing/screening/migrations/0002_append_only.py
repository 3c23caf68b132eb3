"""What was loaded, found and decided stays as it was; only what these tables are for may move on."""

from django.db import migrations

# What may never change, by table; an empty string stands for every column.
KEPT = {
    "screening_listcheck": "",
    "screening_disposition": "",
    "screening_listsnapshot": (
        "restricted_list_id, number, sha256, source, published_on, fetched_at, rows, data, loaded_by_id, loaded_by_label"
    ),
    "screening_listedparty": (
        "restricted_list_id, entity_id, fingerprint, from_number, kind, name, aliases, weak_aliases, countries, birth_dates, "
        "identifiers, programs, license_requirement, license_policy, remarks"
    ),
    "screening_screeningrun": (
        "subject_kind, subject_id, at, snapshots, engine_version, thresholds, queries, actor_id, actor_label"
    ),
    "screening_hit": (
        "run_id, party_ref, party_role, party, party_fingerprint, query_name, listed_party_id, list_key, entity_id, "
        "listed_name, score, features"
    ),
}
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE {of} OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("screening", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            TRIGGER.format(table=table, of=f"OF {columns}" if columns else ""),
            f"DROP TRIGGER append_only ON {table}",
        )
        for table, columns in KEPT.items()
    ]

"""Two more functions that look across clinics, for what providers say later. See 0002_cross_clinic."""

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

FUNCTIONS = {
    # Whose attempt a callback speaks of.
    "messaging_attempt_named(p_token text)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
        SELECT a.id, a.clinic_id FROM messaging_attempt a WHERE a.token = p_token
    $$""",
    # Callbacks that are stored and not applied yet.
    "messaging_receipts(p_limit int)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
        SELECT r.id, r.clinic_id FROM messaging_receipt r WHERE r.applied_at IS NULL ORDER BY r.id LIMIT p_limit
    $$""",
}

CREATE = "".join(
    f"CREATE FUNCTION {signature} {body}; REVOKE ALL ON FUNCTION {signature.split('(')[0]} FROM PUBLIC;"
    for signature, body in FUNCTIONS.items()
)
DROP = "".join(f"DROP FUNCTION {signature.split('(')[0]};" for signature in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_failure_kinds"), ("messaging", "0002_receipt")]
    operations = [migrations.RunSQL(CREATE, DROP)]

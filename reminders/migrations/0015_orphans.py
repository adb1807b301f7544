"""Whose account a callback about an unknown message comes from, and which such callbacks are to be looked at. See
0002_cross_clinic."""

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

FUNCTIONS = {
    # The senders, of whichever clinic, that send over that account; who really calls, the signature tells.
    "messaging_senders_of(p_provider text, p_account text, p_limit int)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
        SELECT s.id, s.clinic_id FROM messaging_sender s
        WHERE s.provider = p_provider AND s.username = p_account AND p_account <> ''
        ORDER BY s.active DESC, s.id LIMIT p_limit
    $$""",
    # Callbacks about messages that nobody knew, whose attempt is there now or whose time is over.
    "messaging_orphans(p_age interval, p_limit int)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
        SELECT o.id, o.clinic_id FROM messaging_orphan o
        WHERE o.reported_at IS NULL AND (
            o.received_at < clock_timestamp() - p_age
            OR EXISTS (SELECT 1 FROM messaging_attempt a WHERE a.token = o.token AND a.clinic_id = o.clinic_id)
        )
        ORDER BY o.received_at LIMIT p_limit
    $$""",
}

CREATE = "".join(
    f"CREATE FUNCTION {signature} {body}; REVOKE ALL ON FUNCTION {signature.split('(')[0]} FROM PUBLIC;"
    for signature, body in FUNCTIONS.items()
)
DROP = "".join(f"DROP FUNCTION {signature.split('(')[0]};" for signature in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0014_last_moment"), ("messaging", "0006_orphan")]
    operations = [migrations.RunSQL(CREATE, DROP)]

"""Callbacks by the group: whose attempts they speak of, and their place in the inbox. Both look across clinics, by the
attempts' tokens alone; see reminders.0002_cross_clinic. (messaging_attempt_named, of one token, stays for web processes
of the release before.)
"""

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

FUNCTIONS = {
    # The attempts of these tokens, by the token's place among them, and their senders. `version` is another one as soon
    # as the sender's row changes, so that what was read of it can be kept.
    "messaging_attempts_named(p_tokens text[])": f"""
    RETURNS TABLE (place int, id bigint, clinic_id bigint, sender_id bigint, version bigint)
    LANGUAGE sql STABLE {DEFINER} AS $$
        SELECT t.place::int, a.id, a.clinic_id, s.id, s.xmin::text::bigint
        FROM unnest(p_tokens) WITH ORDINALITY AS t(token, place)
        JOIN messaging_attempt a ON a.token = t.token
        JOIN messaging_sender s ON s.clinic_id = a.clinic_id AND s.id = a.sender_id
    $$""",
    # Puts what was said into the inbox, each in the clinic of the attempt of its token, and gives the places of those
    # that have one. What is there already is passed over. In one order, as two groups may bring the same.
    "messaging_take_in(p_tokens text[], p_events text[], p_states text[], p_failures text[], p_codes text[],"
    " p_refs text[])": f"""
    RETURNS TABLE (place int) LANGUAGE sql {DEFINER} AS $$
        WITH said AS (
            SELECT a.clinic_id, a.id, s.* FROM unnest(p_tokens, p_events, p_states, p_failures, p_codes, p_refs)
                WITH ORDINALITY AS s(token, event, state, failure, code, ref, place)
            JOIN messaging_attempt a ON a.token = s.token
        ), kept AS (
            INSERT INTO messaging_receipt
                (clinic_id, attempt_id, event, state, failure, code, provider_ref, received_at)
            SELECT s.clinic_id, s.id, s.event, s.state, s.failure, s.code, s.ref, clock_timestamp() FROM said s
            ORDER BY s.clinic_id, s.id, s.event
            ON CONFLICT (clinic_id, attempt_id, event) DO NOTHING
        )
        SELECT s.place::int FROM said s
    $$""",
}

CREATE = "".join(
    f"CREATE FUNCTION {signature} {body}; REVOKE ALL ON FUNCTION {signature.split('(')[0]} FROM PUBLIC;"
    for signature, body in FUNCTIONS.items()
)
DROP = "".join(f"DROP FUNCTION {signature.split('(')[0]};" for signature in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_orphan")]
    operations = [migrations.RunSQL(CREATE, DROP)]

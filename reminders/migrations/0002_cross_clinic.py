"""The closed list of functions that look across clinics. They see ids and times only.

Each is SECURITY DEFINER with a fixed search_path, closed to PUBLIC, and open to the app role by clinics.apps. A test
lists them; a new one belongs in this list and there.
"""

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

#: name(arguments) → SQL. Open and in-flight states are spelled as in reminders.kinds.
FUNCTIONS = {
    # The next reminders to look at, a few of each clinic, clinics in turn after `p_after`; leases and numbers the claim.
    "reminders_claim(p_now timestamptz, p_after bigint, p_busy bigint[], p_limit int, p_each int, p_lease interval)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint, epoch int) LANGUAGE sql {DEFINER} AS $$
        WITH RECURSIVE turn(clinic_id) AS (
            (SELECT r.clinic_id FROM reminders_reminder r
             WHERE r.state IN ('held', 'planned') AND r.clinic_id > p_after ORDER BY r.clinic_id LIMIT 1)
            UNION ALL
            SELECT (SELECT r.clinic_id FROM reminders_reminder r
                    WHERE r.state IN ('held', 'planned') AND r.clinic_id > turn.clinic_id
                    ORDER BY r.clinic_id LIMIT 1)
            FROM turn WHERE turn.clinic_id IS NOT NULL
        ), picked AS (
            SELECT due.id FROM turn CROSS JOIN LATERAL (
                SELECT r.id FROM reminders_reminder r
                WHERE r.clinic_id = turn.clinic_id AND r.state IN ('held', 'planned') AND r.look_at <= p_now
                ORDER BY r.look_at, r.id LIMIT p_each FOR UPDATE SKIP LOCKED
            ) due
            WHERE turn.clinic_id IS NOT NULL AND turn.clinic_id <> ALL (p_busy)
            LIMIT p_limit
        )
        UPDATE reminders_reminder r
        SET state = 'claimed', epoch = r.epoch + 1, lease_until = clock_timestamp() + p_lease
        FROM picked WHERE r.id = picked.id
        RETURNING r.id, r.clinic_id, r.epoch
    $$""",
    # Claims and sends whose lease ran out, and waits for evidence that are over.
    "reminders_lost(p_limit int)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql {DEFINER} AS $$
        SELECT r.id, r.clinic_id FROM reminders_reminder r
        WHERE r.state IN ('claimed', 'sending') AND r.lease_until < clock_timestamp()
        ORDER BY r.lease_until LIMIT p_limit
    $$""",
    # Appointments whose plan of reminders is behind.
    "reminders_behind(p_limit int)": f"""
    RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql {DEFINER} AS $$
        SELECT a.id, a.clinic_id FROM appointments_appointment a
        WHERE a.revision <> a.planned_revision LIMIT p_limit
    $$""",
    # When the next open reminder is looked at, and whether anything is in flight: for the sandbox's clock.
    "reminders_next()": f"""
    RETURNS TABLE (look_at timestamptz, busy boolean) LANGUAGE sql STABLE {DEFINER} AS $$
        SELECT (SELECT min(r.look_at) FROM reminders_reminder r WHERE r.state IN ('held', 'planned')),
               EXISTS (SELECT 1 FROM reminders_reminder r WHERE r.state IN ('claimed', 'sending'))
    $$""",
    # Writes how calls ended, then marks calls that are about to start; gives the attempts that may start.
    # An attempt that was settled meanwhile (its lease ran out) is not among them: that is the last fence.
    "messaging_mark(p_start bigint[], p_ended jsonb)": f"""
    RETURNS SETOF bigint LANGUAGE sql {DEFINER} AS $$
        UPDATE messaging_attempt a
        SET state = e.state, phase = e.phase, failure = e.failure, code = e.code, detail = e.detail,
            provider_ref = e.provider_ref,
            ended_at = clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')
        FROM jsonb_to_recordset(p_ended) AS e(
            id bigint, state text, phase text, failure text, code text, detail text, provider_ref text)
        WHERE a.id = e.id AND a.state IN ('sending', 'unknown');
        UPDATE messaging_attempt a SET called_at = clock_timestamp()
        WHERE a.id = ANY (p_start) AND a.state = 'sending' AND a.called_at IS NULL
        RETURNING a.id
    $$""",
}

CREATE = "".join(
    f"CREATE FUNCTION {signature} {body}; REVOKE ALL ON FUNCTION {signature.split('(')[0]} FROM PUBLIC;"
    for signature, body in FUNCTIONS.items()
)
DROP = "".join(f"DROP FUNCTION {signature.split('(')[0]};" for signature in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0001_initial"),
        ("appointments", "0003_revision_trigger"),
        ("messaging", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]

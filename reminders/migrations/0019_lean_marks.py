"""A mark is planned once a session, and asks only for what it was given: to plan it anew, and to look for ends among
starts and for starts among ends, took longer than to write it."""

import importlib

from django.db import migrations

FORMER = importlib.import_module("reminders.migrations.0012_sender_states")

MARK = f"""
CREATE OR REPLACE FUNCTION messaging_mark(p_start bigint[], p_ended jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql {FORMER.DEFINER} SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    one record;
BEGIN
    IF jsonb_array_length(p_ended) > 0 THEN
        FOR one IN
            WITH done AS (
                UPDATE messaging_attempt a
                SET state = e.said->>'state', phase = e.said->>'phase', failure = e.said->>'failure',
                    code = e.said->>'code', detail = e.said->>'detail', provider_ref = e.said->>'provider_ref',
                    ended_at = {FORMER.SHIFTED}
                FROM jsonb_array_elements(p_ended) AS e(said)
                WHERE a.id = (e.said->>'id')::bigint AND a.state IN ('sending', 'unknown')
                RETURNING a.id, a.clinic_id, a.sender_id, a.called_at, e.said
            )
            SELECT * FROM done ORDER BY sender_id, called_at, id
        LOOP
            PERFORM messaging_note(one.clinic_id, one.sender_id, one.id, one.said, clock_timestamp());
        END LOOP;
    END IF;
    IF cardinality(p_start) > 0 THEN
        RETURN QUERY
            WITH wanted AS (
                SELECT a.id, s.open_until IS NULL OR s.probe IS NOT DISTINCT FROM a.id AS may
                FROM messaging_attempt a
                LEFT JOIN messaging_senderstate s ON s.clinic_id = a.clinic_id AND s.sender_id = a.sender_id
                WHERE a.id = ANY (p_start)
            ), refused AS (
                UPDATE messaging_attempt a
                SET state = 'failed', failure = 'never_called', detail = 'its account is let be',
                    ended_at = {FORMER.SHIFTED}
                FROM wanted w
                WHERE a.id = w.id AND NOT w.may AND a.state = 'sending' AND a.called_at IS NULL
            )
            UPDATE messaging_attempt a SET called_at = clock_timestamp()
            FROM wanted w
            WHERE a.id = w.id AND w.may AND a.state = 'sending' AND a.called_at IS NULL
            RETURNING a.id;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0018_own_receipts")]
    operations = [migrations.RunSQL(MARK, FORMER.MARK)]

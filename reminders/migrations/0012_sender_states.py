"""The breaker: what calls say of a sender's account is noted as they end, and no call begins while it is let be.

It stands where the mark is written, so that among several workers none begins a call after the first failure is
known. Times are real ones; `messaging.marks` gives words and waits with each end. See 0002_cross_clinic.
"""

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

# One end, told to the account's row. p_end: says (messaging.outcomes.Says), failure, code, detail; of a failure also
# `seconds` that the account is let be for the first time, and the `most` that this may grow to.
NOTE = """
CREATE FUNCTION messaging_note(p_clinic bigint, p_sender bigint, p_attempt bigint, p_end jsonb, p_real timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    s messaging_senderstate;
    says text := coalesce(p_end->>'says', '');
    was_open boolean;
    opens_now boolean;
BEGIN
    SELECT * INTO s FROM messaging_senderstate t WHERE t.clinic_id = p_clinic AND t.sender_id = p_sender;
    IF s.id IS NULL THEN
        IF says IN ('', 'well') THEN RETURN; END IF;
        INSERT INTO messaging_senderstate (clinic_id, sender_id) VALUES (p_clinic, p_sender) ON CONFLICT DO NOTHING;
    ELSIF s.open_until IS NULL AND (says = '' OR
            (says = 'well' AND s.failures = 0 AND s.window_from IS NULL AND s.slowed >= 1)) THEN
        RETURN;  -- the usual case: no lock, no write
    END IF;
    SELECT * INTO s FROM messaging_senderstate t
    WHERE t.clinic_id = p_clinic AND t.sender_id = p_sender FOR UPDATE;
    was_open := s.open_until IS NOT NULL;
    opens_now := false;
    IF was_open THEN
        IF s.probe IS DISTINCT FROM p_attempt THEN RETURN; END IF;  -- it began before: only the probe tells
        s.probe := NULL;
        IF says = '' THEN
            s.open_until := p_real;  -- it has tried nothing: the next one may
        ELSIF says IN ('well', 'slower') THEN
            s.open_until := NULL; s.since := NULL; s.opens := 0; s.alert_at := NULL; s.mended_at := p_real;
            s.failure := ''; s.code := ''; s.detail := '';
        ELSE
            opens_now := true;
        END IF;
    ELSIF says = 'well' THEN
        s.failures := 0;
        s.window_calls := s.window_calls + 1;
    ELSIF says <> '' THEN
        IF s.window_from IS NULL OR p_real >= s.window_from + interval '60 seconds' THEN
            s.window_from := p_real; s.window_calls := 0; s.window_failures := 0;
        END IF;
        s.window_calls := s.window_calls + 1;
        s.window_failures := s.window_failures + 1;
        IF says IN ('fault', 'at_once') THEN s.failures := s.failures + 1; END IF;
        opens_now := (p_end->>'seconds')::float8 > 0 AND (says = 'at_once' OR s.failures >= 5
            OR (s.window_calls >= 20 AND s.window_failures * 2 >= s.window_calls));
    END IF;
    IF NOT was_open AND p_real >= s.window_from + interval '60 seconds' THEN
        s.window_from := NULL;
    END IF;
    IF says = 'slower' AND (s.slowed_at IS NULL OR p_real >= s.slowed_at + interval '5 seconds') THEN
        s.slowed := greatest(s.slowed / 2, 0.015625); s.slowed_at := p_real;
    ELSIF says = 'well' AND s.slowed < 1 THEN
        s.slowed := least(1, s.slowed + 0.05);
    END IF;
    IF opens_now THEN
        IF NOT was_open THEN s.since := p_real; s.alert_at := p_real; s.mended_at := NULL; END IF;
        s.open_until := p_real + least((p_end->>'most')::float8,
            (p_end->>'seconds')::float8 * 2 ^ least(s.opens, 10)) * interval '1 second';
        s.opens := least(s.opens + 1, 1000);
        s.failure := p_end->>'failure'; s.code := p_end->>'code'; s.detail := p_end->>'detail';
    END IF;
    IF opens_now OR was_open THEN s.failures := 0; s.window_from := NULL; END IF;
    IF s.window_from IS NULL THEN s.window_calls := 0; s.window_failures := 0; END IF;
    UPDATE messaging_senderstate t
    SET failures = s.failures, window_from = s.window_from, window_calls = s.window_calls,
        window_failures = s.window_failures, open_until = s.open_until, opens = s.opens, since = s.since,
        probe = s.probe, failure = s.failure, code = s.code, detail = s.detail, alert_at = s.alert_at,
        mended_at = s.mended_at, slowed = s.slowed, slowed_at = s.slowed_at
    WHERE t.id = s.id;
END $$;
REVOKE ALL ON FUNCTION messaging_note FROM PUBLIC;
"""

SHIFTED = "clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')"

# Ends, what they say of their accounts, then starts; one that may not start as its account is let be ends uncalled.
MARK = f"""
CREATE OR REPLACE FUNCTION messaging_mark(p_start bigint[], p_ended jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        WITH done AS (
            UPDATE messaging_attempt a
            SET state = e.said->>'state', phase = e.said->>'phase', failure = e.said->>'failure',
                code = e.said->>'code', detail = e.said->>'detail', provider_ref = e.said->>'provider_ref',
                ended_at = {SHIFTED}
            FROM jsonb_array_elements(p_ended) AS e(said)
            WHERE a.id = (e.said->>'id')::bigint AND a.state IN ('sending', 'unknown')
            RETURNING a.id, a.clinic_id, a.sender_id, a.called_at, e.said
        )
        SELECT * FROM done ORDER BY sender_id, called_at, id
    LOOP
        PERFORM messaging_note(one.clinic_id, one.sender_id, one.id, one.said, clock_timestamp());
    END LOOP;
    RETURN QUERY
        WITH wanted AS (
            SELECT a.id, s.open_until IS NULL OR s.probe IS NOT DISTINCT FROM a.id AS may
            FROM messaging_attempt a
            LEFT JOIN messaging_senderstate s ON s.clinic_id = a.clinic_id AND s.sender_id = a.sender_id
            WHERE a.id = ANY (p_start)
        ), refused AS (
            UPDATE messaging_attempt a
            SET state = 'failed', failure = 'never_called', detail = 'its account is let be', ended_at = {SHIFTED}
            FROM wanted w
            WHERE a.id = w.id AND NOT w.may AND a.state = 'sending' AND a.called_at IS NULL
        )
        UPDATE messaging_attempt a SET called_at = clock_timestamp()
        FROM wanted w
        WHERE a.id = w.id AND w.may AND a.state = 'sending' AND a.called_at IS NULL
        RETURNING a.id;
END $$;
"""

# Accounts of which administrators are to be told, or that work again while reminders are still held for them.
NEWS = f"""
CREATE FUNCTION messaging_sender_news(p_limit int)
RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT s.id, s.clinic_id FROM messaging_senderstate s
    WHERE s.alert_at <= clock_timestamp() OR s.mended_at IS NOT NULL ORDER BY s.id LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION messaging_sender_news FROM PUBLIC;
"""

MARK_BEFORE = f"""
CREATE OR REPLACE FUNCTION messaging_mark(p_start bigint[], p_ended jsonb) RETURNS SETOF bigint
LANGUAGE sql {DEFINER} AS $$
    UPDATE messaging_attempt a
    SET state = e.state, phase = e.phase, failure = e.failure, code = e.code, detail = e.detail,
        provider_ref = e.provider_ref, ended_at = {SHIFTED}
    FROM jsonb_to_recordset(p_ended) AS e(
        id bigint, state text, phase text, failure text, code text, detail text, provider_ref text)
    WHERE a.id = e.id AND a.state IN ('sending', 'unknown');
    UPDATE messaging_attempt a SET called_at = clock_timestamp()
    WHERE a.id = ANY (p_start) AND a.state = 'sending' AND a.called_at IS NULL
    RETURNING a.id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0011_fair_claim"), ("messaging", "0005_sender_state")]
    operations = [
        migrations.RunSQL(NOTE, "DROP FUNCTION messaging_note;"),
        migrations.RunSQL(MARK, MARK_BEFORE),
        migrations.RunSQL(NEWS, "DROP FUNCTION messaging_sender_news;"),
    ]

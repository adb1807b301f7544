"""Deliveries waited for in vain, and the next due moment with them. See 0002_cross_clinic."""

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

UNDELIVERED = f"""
CREATE FUNCTION reminders_undelivered(p_now timestamptz, p_limit int)
RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT r.id, r.clinic_id FROM reminders_reminder r
    WHERE r.fallback_at IS NOT NULL AND r.fallback_at <= p_now ORDER BY r.fallback_at LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION reminders_undelivered FROM PUBLIC;
"""
NEXT = """
CREATE OR REPLACE FUNCTION reminders_next() RETURNS TABLE (look_at timestamptz, busy boolean)
LANGUAGE sql STABLE {definer} AS $$
    SELECT {moment},
           EXISTS (SELECT 1 FROM reminders_reminder r WHERE r.state IN ('claimed', 'sending'))
$$;
"""
LOOK = "(SELECT min(r.look_at) FROM reminders_reminder r WHERE r.state IN ('held', 'planned'))"
WAIT = "(SELECT min(r.fallback_at) FROM reminders_reminder r WHERE r.fallback_at IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("reminders", "0006_moved_back")]
    operations = [
        migrations.RunSQL(UNDELIVERED, "DROP FUNCTION reminders_undelivered;"),
        migrations.RunSQL(
            NEXT.format(definer=DEFINER, moment=f"least({LOOK}, {WAIT})"),
            NEXT.format(definer=DEFINER, moment=LOOK),
        ),
    ]

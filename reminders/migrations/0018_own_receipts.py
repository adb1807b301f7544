"""Each worker applies the receipts of its own share of clinics; those of others only when they have waited for long."""

import importlib

from django.db import migrations

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

# Callbacks that are stored and not applied yet, the oldest first. Those of clinics outside the worker's share (`p_own`
# of `p_slots`, by the clinic's id; NULL: all are its own) are left to their own worker for `p_later` after they came.
RECEIPTS = f"""
CREATE FUNCTION messaging_receipts(p_limit int, p_own int[], p_slots int, p_later interval)
RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT r.id, r.clinic_id FROM messaging_receipt r
    WHERE r.applied_at IS NULL
    AND (p_own IS NULL OR r.clinic_id % p_slots = ANY (p_own) OR r.received_at < clock_timestamp() - p_later)
    ORDER BY r.id LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION messaging_receipts(int, int[], int, interval) FROM PUBLIC;
"""
NO_RECEIPTS = "DROP FUNCTION messaging_receipts;"
FORMER = importlib.import_module("reminders.migrations.0004_receipts").FUNCTIONS
[(SIGNATURE, BODY)] = [(one, body) for one, body in FORMER.items() if one.startswith("messaging_receipts(")]
ALL_RECEIPTS = f"CREATE FUNCTION {SIGNATURE} {BODY}; REVOKE ALL ON FUNCTION messaging_receipts FROM PUBLIC;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_callbacks"), ("reminders", "0017_fewer_indexes")]
    operations = [
        migrations.RunSQL(NO_RECEIPTS, ALL_RECEIPTS),
        migrations.RunSQL(RECEIPTS, NO_RECEIPTS),
    ]

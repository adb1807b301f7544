"""The walk through a clinic's appointments when its whole plan is made again, and turns among clinics whose plan is
behind. See 0002_cross_clinic."""

import importlib

from django.db import migrations, models
from django.utils import timezone

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

WALKING = f"""
CREATE FUNCTION reminders_walking(p_limit int) RETURNS TABLE (clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT s.clinic_id FROM reminders_planstamp s WHERE NOT s.done ORDER BY s.asked_at LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION reminders_walking FROM PUBLIC;
"""
# The first of each clinic, then the second of each: one with many, or with some that cannot be planned, starves none.
BEHIND = f"""
CREATE OR REPLACE FUNCTION reminders_behind(p_limit int)
RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql {DEFINER} AS $$
    WITH RECURSIVE turn(clinic_id) AS (
        (SELECT a.clinic_id FROM appointments_appointment a
         WHERE a.revision <> a.planned_revision ORDER BY a.clinic_id LIMIT 1)
        UNION ALL
        SELECT (SELECT a.clinic_id FROM appointments_appointment a
                WHERE a.revision <> a.planned_revision AND a.clinic_id > turn.clinic_id
                ORDER BY a.clinic_id LIMIT 1)
        FROM turn WHERE turn.clinic_id IS NOT NULL
    )
    SELECT own.id, turn.clinic_id FROM turn CROSS JOIN LATERAL (
        SELECT first.id, row_number() OVER (ORDER BY first.id) AS place FROM (
            SELECT a.id FROM appointments_appointment a
            WHERE a.clinic_id = turn.clinic_id AND a.revision <> a.planned_revision ORDER BY a.id LIMIT p_limit
        ) first
    ) own
    WHERE turn.clinic_id IS NOT NULL
    ORDER BY own.place, turn.clinic_id LIMIT p_limit
$$;
"""
FORMER = importlib.import_module("reminders.migrations.0002_cross_clinic").FUNCTIONS["reminders_behind(p_limit int)"]


class Migration(migrations.Migration):
    dependencies = [("reminders", "0008_unheard")]
    operations = [
        migrations.AddField("planstamp", "walked", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "planstamp", "reached_start", models.DateTimeField(default=timezone.now), preserve_default=False
        ),
        migrations.AddField("planstamp", "reached_id", models.BigIntegerField(default=0)),
        migrations.AddField("planstamp", "left", models.JSONField(default=list)),
        migrations.AddField("planstamp", "done", models.BooleanField(default=False)),
        migrations.AddIndex(
            "planstamp",
            models.Index(fields=["asked_at"], condition=models.Q(done=False), name="plan_walked_again"),
        ),
        migrations.RunSQL(WALKING, "DROP FUNCTION reminders_walking;"),
        migrations.RunSQL(BEHIND, f"CREATE OR REPLACE FUNCTION reminders_behind(p_limit int) {FORMER};"),
    ]

"""Several workers walk one clinic side by side. See 0002_cross_clinic."""

from django.db import migrations, models

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

WALKING = """
CREATE OR REPLACE FUNCTION reminders_walking(p_limit int)
RETURNS TABLE (clinic_id bigint) LANGUAGE sql STABLE {definer} AS $$
    SELECT s.clinic_id FROM reminders_planstamp s WHERE NOT s.done {order} LIMIT p_limit
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0009_walk")]
    operations = [
        migrations.AddField("planstamp", "part", models.PositiveSmallIntegerField(default=0)),
        migrations.RemoveConstraint("planstamp", "one_stamp_a_clinic"),
        migrations.AddConstraint(
            "planstamp", models.UniqueConstraint(fields=["clinic", "part"], name="one_stamp_a_part")
        ),
        migrations.RunSQL(
            WALKING.format(definer=DEFINER, order="GROUP BY s.clinic_id ORDER BY min(s.asked_at)"),
            WALKING.format(definer=DEFINER, order="ORDER BY s.asked_at"),
        ),
    ]

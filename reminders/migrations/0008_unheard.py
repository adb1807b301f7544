"""Messages whose provider is to be asked what became of them, and room for the names of workers in heartbeats. See
0002_cross_clinic."""

from django.db import migrations, models

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

UNHEARD = f"""
CREATE FUNCTION messaging_unheard(p_limit int)
RETURNS TABLE (id bigint, clinic_id bigint) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT a.id, a.clinic_id FROM messaging_attempt a
    WHERE a.state = 'accepted' AND a.next_look_at <= clock_timestamp() ORDER BY a.next_look_at LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION messaging_unheard FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0007_fallback"), ("messaging", "0004_unheard")]
    operations = [
        migrations.RunSQL(UNHEARD, "DROP FUNCTION messaging_unheard;"),
        migrations.AlterField(
            "heartbeat", "part", models.CharField(max_length=120, primary_key=True, serialize=False)
        ),
    ]

"""A mark is planned once a session: to plan it anew, for its few rows, took as long as to write it."""

from django.db import migrations

FUNCTION = "ALTER FUNCTION messaging_mark(bigint[], jsonb)"


class Migration(migrations.Migration):
    dependencies = [("reminders", "0018_own_receipts")]
    operations = [
        migrations.RunSQL(f"{FUNCTION} SET plan_cache_mode = force_generic_plan", f"{FUNCTION} RESET plan_cache_mode"),
    ]

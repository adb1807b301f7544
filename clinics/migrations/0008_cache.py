"""Where what all web processes must count together is kept, as `createcachetable` would make it (settings.CACHES). Its
rows are of no clinic: how often somebody has tried to log in, by an unreadable key.
"""

from django.db import migrations

CREATE = """
CREATE TABLE clinics_cache (
    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
);
CREATE INDEX clinics_cache_expires ON clinics_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("clinics", "0007_people_and_places")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE clinics_cache")]

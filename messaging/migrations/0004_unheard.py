from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_looks")]

    operations = [
        migrations.AddField("attempt", "next_look_at", models.DateTimeField(null=True)),
        migrations.AddField("attempt", "asked_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "attempt",
            models.Index(
                fields=["next_look_at"],
                condition=models.Q(state="accepted", next_look_at__isnull=False),
                name="attempt_unheard",
            ),
        ),
    ]

import clinics.owned
import clinics.rls
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0006_pause_area'),
        ('messaging', '0005_sender_state'),
    ]

    operations = [
        migrations.CreateModel(
            name='Orphan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=32)),
                ('event', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('sending', 'sending'), ('accepted', 'accepted'), ('delivered', 'delivered'), ('read', 'read'), ('failed', 'failed'), ('unknown', 'unknown')], max_length=10)),
                ('failure', models.CharField(blank=True, choices=[('never_called', 'never_called'), ('unreachable', 'unreachable'), ('tls_failed', 'tls_failed'), ('auth_refused', 'auth_refused'), ('sender_refused', 'sender_refused'), ('target_refused', 'target_refused'), ('deferred', 'deferred'), ('address_refused', 'address_refused'), ('content_refused', 'content_refused'), ('platform_fault', 'platform_fault'), ('rate_limited', 'rate_limited'), ('opted_out', 'opted_out'), ('too_late', 'too_late'), ('not_found_there', 'not_found_there'), ('unreachable_phone', 'unreachable_phone'), ('filtered', 'filtered'), ('undelivered', 'undelivered')], max_length=20)),
                ('code', models.CharField(blank=True, max_length=20)),
                ('provider_ref', models.CharField(blank=True, max_length=120)),
                ('received_at', models.DateTimeField()),
                ('reported_at', models.DateTimeField(null=True)),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('sender', clinics.owned.SameClinicKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='orphans', to='messaging.sender')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('reported_at', None)), fields=['received_at'], name='orphan_to_report')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='messaging_orphan_clinic_id'), clinics.rls.OneClinic(name='messaging_orphan_one_clinic'), clinics.rls.SameClinic(field='sender', name='orphan_same_clinic_sender'), models.UniqueConstraint(fields=('clinic', 'token', 'event'), name='one_orphan_an_event')],
            },
        ),
    ]

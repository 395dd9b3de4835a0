import uuid

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SOURCES = [('', 'By hand'), ('csv', 'CSV file'), ('ldap', 'Directory')]


def fill_paths(apps, schema_editor):
    """From the top down: the ids and the names on the way to each department. A name could hold the separator."""
    departments = apps.get_model('accounts', 'Department').objects
    above = [(None, '/', '')]
    while above:
        parent, tree, path = above.pop()
        for row in departments.filter(parent=parent):
            row.name = row.name.replace('/', '／')
            row.tree = f'{tree}{row.pk}/'
            row.path = f'{path}/{row.name}' if path else row.name
            row.save(update_fields=['name', 'tree', 'path'])
            above.append((row.pk, row.tree, row.path))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('description', models.CharField(blank=True, max_length=500)),
                ('source', models.CharField(blank=True, choices=SOURCES, default='', max_length=10)),
                ('external_id', models.CharField(blank=True, db_index=True, max_length=255)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={'ordering': ['name']},
        ),
        migrations.AddField('department', 'path', models.CharField(default='', max_length=600), preserve_default=False),
        migrations.AddField('department', 'tree', models.CharField(default='', max_length=600), preserve_default=False),
        migrations.AddField('department', 'heads', models.ManyToManyField(blank=True, related_name='headed_departments', to=settings.AUTH_USER_MODEL)),
        migrations.AddField('department', 'source', models.CharField(blank=True, choices=SOURCES, default='', max_length=10)),
        migrations.AddField('department', 'external_id', models.CharField(blank=True, db_index=True, max_length=255)),
        migrations.AddField('department', 'created_at', models.DateTimeField(default=django.utils.timezone.now)),
        migrations.RunPython(fill_paths, migrations.RunPython.noop),
        migrations.RemoveConstraint('department', 'department_name_once'),
        migrations.AlterField('department', 'path', models.CharField(max_length=600, unique=True)),
        migrations.AlterField('department', 'tree', models.CharField(db_index=True, max_length=600)),
        migrations.AlterModelOptions('department', {'ordering': ['path']}),
        migrations.AddField('user', 'teams', models.ManyToManyField(blank=True, related_name='members', to='accounts.group')),
        migrations.AddField('user', 'clearance', models.PositiveSmallIntegerField(choices=[(0, 'Public'), (1, 'Internal'), (2, 'Confidential'), (3, 'Secret')], default=1)),
    ]

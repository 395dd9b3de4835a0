from uuid import UUID

from django.db import migrations


def fill(apps, schema_editor):
    """Until now every folder inherited, so each folder above reaches. A grant on a root is one on its cabinet."""
    folders = apps.get_model('cabinets', 'Folder').objects
    reach = apps.get_model('cabinets', 'Reach')
    rows = []
    for key, tree in folders.exclude(parent=None).values_list('pk', 'tree').iterator(chunk_size=2000):
        rows += [reach(folder_id=key, source_id=UUID(above)) for above in tree.strip('/').split('/')[1:]]
        if len(rows) > 5000:
            reach.objects.bulk_create(rows, batch_size=500)
            rows = []
    reach.objects.bulk_create(rows, batch_size=500)
    apps.get_model('cabinets', 'Grant').objects.filter(folder__parent=None).update(folder=None)
    apps.get_model('cabinets', 'Document').objects.filter(cabinet__personal=True).update(secrecy=0)


def empty(apps, schema_editor):
    """The former table knows no groups."""
    apps.get_model('cabinets', 'Reach').objects.all().delete()
    apps.get_model('cabinets', 'Grant').objects.exclude(group=None).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('cabinets', '0008_grants_and_secrecy'),
    ]

    operations = [
        migrations.RunPython(fill, empty),
    ]

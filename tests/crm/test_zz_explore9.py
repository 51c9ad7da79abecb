import pytest, json
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission, Group
from crm.access import Role, FIELD_RIGHTS
from tests.crm.told_person import plant
from tests.crm.doors import DOORS, open_door
pytestmark = pytest.mark.django_db
def test_explore(client, staff, campaign):
    admin = staff(Role.ADMINISTRATOR)
    rows = plant(campaign, admin)
    look = get_user_model().objects.create_user("lookerzora", is_staff=True); look.groups.add(Group.objects.get(name="fundraiser"))
    client.force_login(look); client.get(f"/staff/crm/supporter/{rows['zora'].pk}/change/")
    client.force_login(admin)
    base = {n: open_door(client, d, rows) for n, d in DOORS.items()}
    out = {"admin": {n: sorted(v) for n, v in base.items()}}
    for role in (Role.FUNDRAISER, Role.CAMPAIGNER, Role.READER):
        client.force_login(staff(role) )
        out[role] = {n: sorted(open_door(client, d, rows)) for n, d in DOORS.items()}
    for f in FIELD_RIGHTS:
        u = get_user_model().objects.create_user("but_"+f, is_staff=True)
        al, cn = FIELD_RIGHTS[f].split(".")
        u.user_permissions.set(Permission.objects.exclude(content_type__app_label=al, codename=cn))
        client.force_login(u)
        got = {n: open_door(client, d, rows) for n, d in DOORS.items()}
        out["but "+f] = {n: ["-"+x for x in sorted(base[n]-got[n])]+["+"+x for x in sorted(got[n]-base[n])] for n in DOORS if got[n]!=base[n]}
    json.dump(out, open("/tmp/explore9.json","w"), indent=1)

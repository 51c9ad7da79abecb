"""docs/people.md tells what each role sees and may do, exactly as crm/access.py has it."""

import re
from pathlib import Path

from crm.access import FIELD_RIGHTS, RIGHTS, Role

TOLD = Path(__file__).parents[2] / "docs" / "people.md"
ROW = re.compile(r"^\|[^|]+\| `([\w.]+)` \|(.*)\|$", re.MULTILINE)


def roles_with(*rights):
    return [role for role in Role if RIGHTS[role] is None or set(rights) <= RIGHTS[role]]


def told():
    """The roles that have a "yes", by field or right."""
    found = {}
    for name, cells in ROW.findall(TOLD.read_text()):
        answers = [cell.strip() for cell in cells.split("|")]
        found[name] = [role for role, cell in zip(Role, answers, strict=True) if cell == "yes"]
    return found


def test_every_field_of_the_table_is_told_with_its_roles():
    fields = {name: roles for name, roles in told().items() if "." not in name}

    assert fields == {
        name: roles_with("crm.view_supporter", right) for name, right in FIELD_RIGHTS.items()
    }


def test_rights_are_told_with_their_roles():
    rights = {name: roles for name, roles in told().items() if "." in name}

    assert len(rights) == 9
    assert rights == {right: roles_with(right) for right in rights}

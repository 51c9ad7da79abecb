"""Notes, tasks and tags: what staff write down, and what stays known of it."""

from datetime import date, timedelta

import pytest

from crm.access import Role
from crm.audit import AuditEntry
from crm.people import noting, tagging
from crm.people.history import NoteEvent
from crm.people.models import Change, Supporter
from crm.people.notes import Note, Task
from crm.people.tags import Tag, Tagging
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


def trail():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject", "details"))


def feed(supporter):
    return list(Change.objects.filter(supporter=supporter).values_list("kind", flat=True))


def test_note_is_kept_with_who_wrote_it_and_the_trail_does_not_repeat_it(now, staff):
    pia, by = SupporterFactory(), staff()

    note = noting.write_note(supporter=pia, text="Called.", is_confidential=True, at=now, by=by)

    assert (note.text, note.is_confidential, note.written_at, note.written_by) == (
        "Called.",
        True,
        now,
        by,
    )
    assert trail() == [("note.written", f"supporter:{pia.pk}", {"note": note.pk})]


def test_changed_note_keeps_in_the_history_what_it_said(now, staff):
    later, by = now + timedelta(hours=1), staff()
    note = noting.write_note(supporter=SupporterFactory(), text="Called.", at=now, by=by)

    noting.change_note(note=note, text="Called twice.", at=later, by=by)
    noting.change_note(note=note, text="Called twice.", at=later, by=by)

    note.refresh_from_db()
    assert (note.text, note.written_at, note.modified_at) == ("Called twice.", now, later)
    assert list(NoteEvent.objects.values_list("text", flat=True)) == ["Called."]
    assert [details for *_head, details in trail()] == [
        {"note": note.pk},
        {"note": note.pk, "fields": ["text"]},
    ]


def test_removed_note_is_gone_and_that_is_known(now, staff):
    by = staff()
    note = noting.write_note(supporter=SupporterFactory(), text="Called.", at=now, by=by)

    noting.remove_note(note=note, at=now, by=by)

    assert not Note.objects.exists()
    assert [action for action, *_rest in trail()] == ["note.written", "note.removed"]


def test_task_is_for_somebody_until_a_day_and_done_once(now, staff):
    by, other = staff(), staff(Role.FUNDRAISER)
    task = noting.add_task(
        title="Call back", at=now, by=by, due_on=date(2026, 4, 1), assigned_to=other
    )

    first = noting.finish_task(task=task, at=now, by=other)
    second = noting.finish_task(task=task, at=now, by=by)

    task.refresh_from_db()
    assert (first, second) == (True, False)
    assert (task.done_at, task.done_by, task.created_by) == (now, other, by)
    assert [action for action, *_rest in trail()] == ["task.added", "task.done"]


def test_task_is_opened_again_once(now, staff):
    by = staff()
    task = noting.add_task(title="Call back", at=now, by=by)
    noting.finish_task(task=task, at=now, by=by)

    first = noting.reopen_task(task=task, at=now, by=by)
    second = noting.reopen_task(task=task, at=now, by=by)

    assert (first, second) == (True, False)
    assert list(Task.objects.to_do()) == [task]


def test_postponed_task_tells_which_field_changed(now, staff):
    by = staff()
    task = noting.add_task(title="Call back", at=now, by=by, due_on=date(2026, 4, 1))

    noting.change_task(task=task, at=now, by=by, title="Call back", due_on=date(2026, 4, 8))

    assert Task.objects.get().due_on == date(2026, 4, 8)
    assert trail()[-1] == ("task.changed", f"task:{task.pk}", {"fields": ["due_on"]})


def test_mistaken_task_goes(now, staff):
    by = staff()
    noting.remove_task(task=noting.add_task(title="Oops", at=now, by=by), at=now, by=by)

    assert not Task.objects.exists()


def test_tag_is_one_in_whatever_case_it_is_written(now):
    tag = tagging.create_tag(name=" Volunteer ", at=now)

    assert tagging.find_or_create_tag(name="volunteer", at=now) == tag
    with pytest.raises(tagging.TagExists):
        tagging.create_tag(name="VOLUNTEER", at=now)
    assert list(Tag.objects.values_list("name", flat=True)) == ["Volunteer"]


def test_tag_is_given_and_taken_once(now):
    pia, tag = SupporterFactory(), tagging.create_tag(name="Volunteer", at=now)

    for _turn in range(2):
        tagging.add_tag(supporter=pia, tag=tag, source="staff", at=now)
    given = list(pia.taggings.values_list("tag__name", "source", "tagged_at"))
    for _turn in range(2):
        tagging.remove_tag(supporter=pia, tag=tag, at=now)

    assert given == [("Volunteer", "staff", now)]
    assert (pia.taggings.count(), feed(pia)) == (0, ["tag.added", "tag.removed"])


def test_tag_is_renamed_but_not_as_another(now):
    tag, other = (tagging.create_tag(name=name, at=now) for name in ("Volunteer", "Press"))

    tagging.rename_tag(tag=tag, name="VOLUNTEER", description="Helps", at=now)
    with pytest.raises(tagging.TagExists):
        tagging.rename_tag(tag=other, name="Volunteer", description="", at=now)

    assert list(Tag.objects.order_by("pk").values_list("name", "description")) == [
        ("VOLUNTEER", "Helps"),
        ("Press", ""),
    ]


def test_merged_tags_leave_each_supporter_with_one(now):
    kept, lost = (tagging.create_tag(name=name, at=now) for name in ("Press", "Journalist"))
    both, one = SupporterFactory(), SupporterFactory()
    for supporter, tag in [(both, kept), (both, lost), (one, lost)]:
        tagging.add_tag(supporter=supporter, tag=tag, source="staff", at=now)

    tagging.merge_tags(kept=kept, lost=lost, at=now)
    tagging.merge_tags(kept=kept, lost=kept, at=now)

    assert list(Tag.objects.all()) == [kept]
    assert sorted(Tagging.objects.values_list("supporter", "tag")) == [
        (both.pk, kept.pk),
        (one.pk, kept.pk),
    ]


def test_deleted_tag_is_nobodys(now):
    tag = tagging.create_tag(name="Press", at=now)
    tagging.add_tag(supporter=SupporterFactory(), tag=tag, source="staff", at=now)

    tagging.delete_tag(tag=tag, at=now)

    assert (Tag.objects.count(), Tagging.objects.count()) == (0, 0)
    assert trail()[-1][2] == {"taggings": 1}


@pytest.mark.parametrize("number", [1, 3])
def test_tagging_many_costs_the_same_whatever_their_number(now, number, django_assert_num_queries):
    tag, has_it = tagging.create_tag(name="Press", at=now), SupporterFactory()
    tagging.add_tag(supporter=has_it, tag=tag, source="staff", at=now)
    SupporterFactory.create_batch(number)
    everybody = Supporter.objects.current()

    # Who has it not, the taggings, the feed, the dates, the trail; and a savepoint around them.
    with django_assert_num_queries(7):
        new = tagging.tag_many(supporters=everybody, tag=tag, source="staff", at=now)
    again = tagging.tag_many(supporters=everybody, tag=tag, source="staff", at=now)

    assert (new, again, tag.taggings.count()) == (number, 0, number + 1)
    assert set(Change.objects.values_list("kind", flat=True)) == {"tag.added"}
    assert Change.objects.count() == number + 1

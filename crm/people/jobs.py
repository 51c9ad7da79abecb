"""Background work of people: looking for those who are written down twice."""

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from crm.people import matching, runs
from crm.people.deciding import merge_by_rule


@app.periodic(cron="* * * * *")
@app.task(queue="matching", name="people.match_newcomers", queueing_lock="match_newcomers")
def match_newcomers(timestamp: int) -> None:
    """Compare who came since the last minute; after an import everybody, which is quicker."""
    if matching.are_many():
        runs.start(at=timezone.now())
        return
    is_more = True
    while is_more:
        at = timezone.now()
        found, is_more = matching.match_newcomers(at=at)
        merge_by_rule(found, at=at)


@app.task(queue="matching", name=runs.SEARCH, lock="search_duplicates")
def search_duplicates(run_id: int) -> None:
    """Compare everybody with everybody."""
    # Loads splink and DuckDB, which no other job and no page needs.
    from crm.people.searching import search  # noqa: PLC0415

    run = runs.begin(run_id=run_id, at=timezone.now())
    if run is None:
        return
    try:
        search(run=run, folder=settings.VAR, at=timezone.now())
    except Exception:
        runs.end(run=run, at=timezone.now(), is_done=False)
        raise
    runs.end(run=run, at=timezone.now())

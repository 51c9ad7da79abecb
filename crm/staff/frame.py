"""What unfold's frame around the staff pages says, in English only.

Named here so that our catalogues have it, where Django looks first.
"""

from django.utils.translation import gettext_noop

WORDS = [
    gettext_noop("Select record"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select value"),
    gettext_noop("Select all rows"),
    gettext_noop("Run"),
    gettext_noop("Expand row"),
    gettext_noop("More actions"),
    gettext_noop("Type to search"),
    gettext_noop("Search apps and models..."),
    gettext_noop("Recent searches"),
    gettext_noop("No recent searches"),
    gettext_noop("No results matching your query"),
    gettext_noop("Loading more results..."),
    gettext_noop("Reset filters"),
    gettext_noop("Apply Filters"),
    gettext_noop("True"),
    gettext_noop("False"),
    gettext_noop("Go back"),
    gettext_noop("All applications"),
    gettext_noop("Return to site"),
    gettext_noop("General"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
    gettext_noop("Date"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
]

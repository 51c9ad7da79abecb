"""The frame of every page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = """
:root { color-scheme: light; font: 100%/1.5 system-ui, sans-serif; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: #1d2430; }
main { max-width: 32rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
main.wide { max-width: 72rem; }
.mode { background: #7a2e00; color: #fff; text-align: center; padding: .5rem 1rem; margin: 0; }
section, form.card { background: #fff; border: 1px solid #d5d9e0; border-radius: .5rem;
  padding: 1rem; margin: 0 0 1rem; }
section > :first-child, form.card > :first-child { margin-top: 0; }
section > :last-child, form.card > :last-child { margin-bottom: 0; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; }
.total { font-size: 1.6rem; font-weight: 700; margin: 0; }
label { display: block; } .field { margin-bottom: 1rem; }
input[type=email], input[type=text] { width: 100%; font: inherit; padding: .6rem;
  border: 1px solid #737b88; border-radius: .3rem; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; } legend { font-weight: 600; padding: 0; }
.choice { display: flex; gap: .6rem; align-items: center; padding: .5rem 0;
  border-top: 1px solid #eceef1; min-height: 2.75rem; }
button, .button { font: inherit; font-weight: 600; padding: .7rem 1.2rem; border: 0;
  border-radius: .3rem; background: #1f4fb3; color: #fff; cursor: pointer; min-height: 2.75rem; }
button.plain, .button.plain { background: #fff; color: #1d2430; border: 1px solid #737b88; }
.button { display: inline-block; text-decoration: none; }
button:hover, .button:hover { background: #183f91; }
button.plain:hover, .button.plain:hover { background: #eceef1; }
a { color: #1f4fb3; } a.button { color: #fff; } a.button.plain { color: #1d2430; }
button.small { min-height: 0; padding: .2rem .6rem; }
:focus-visible { outline: 3px solid #ffb000; outline-offset: 2px; }
.alert { border-left: .4rem solid #b3261e; background: #fdeceb; padding: .8rem 1rem;
  margin: 0 0 1rem; }
.actions { display: flex; flex-wrap: wrap; gap: .8rem; align-items: center; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-top: 1px solid #eceef1;
  vertical-align: top; white-space: nowrap; }
.actions + .scroll { margin-top: 1rem; } td .actions { gap: .4rem; flex-wrap: nowrap; }
.scroll { overflow-x: auto; } pre { overflow-x: auto; }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tr { display: block; padding: .5rem 0; border-top: 1px solid #737b88; }
  td { display: flex; gap: .6rem; padding: .2rem 0; border: 0; white-space: normal;
    overflow-wrap: anywhere; }
  td:empty { display: none; } td::before { content: attr(data-name); min-width: 6rem; }
}
"""


@dataclass(frozen=True)
class Reply:
    """What a page answers: HTML, or another address to go to."""

    status: int = 200
    html: str = ""
    location: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def alert(heading: str, words: str) -> str:
    """What went wrong, above the form it concerns."""
    return f"""<div class="alert" role="alert"><strong>{escape(heading)}</strong>
<p>{escape(words)}</p></div>"""


def choices(
    name: str, legend: str, options: Sequence[tuple[str, str]], *, chosen: int | None = 0
) -> str:
    """Radio buttons for values and what they are called; one is chosen beforehand, or none."""
    rows = "".join(
        f'<label class="choice"><input type="radio" name="{name}" value="{escape(value)}"'
        f"{' checked' if number == chosen else ''}> {escape(label)}</label>"
        for number, (value, label) in enumerate(options)
    )
    return f"<fieldset><legend>{escape(legend)}</legend>\n{rows}\n</fieldset>"


def redirect(location: str) -> Reply:
    """Go there with a GET."""
    return Reply(status=303, location=location)


def page(
    title: str, body: str, *, language: str = "en", mode: str = "Test mode", wide: bool = False
) -> str:
    """A whole page around what it has to say."""
    return f"""<!doctype html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<header class="mode"><strong>{escape(mode)}</strong></header>
<main{' class="wide"' if wide else ""}>
{body}
</main>
</body>
</html>
"""

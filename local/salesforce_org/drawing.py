"""Draw a screen of a Flow as a page of HTML, in the colors, type and spacing of Salesforce's styling hooks."""

from html import escape
from pathlib import Path

from local.salesforce_org.evaluation import Value, text_of
from local.salesforce_org.screens import Choice, Shown, Visit

_TYPES = {"Boolean": "checkbox", "Date": "date", "DateTime": "datetime-local", "Number": "number", "String": "text"}
_STYLE = Path(__file__).with_name("screen.css")


def page(visit: Visit, hooks: str) -> str:
    """Return the screen that a visit is at as a page; `hooks` is the style sheet of the styling hooks."""
    fields = "\n".join(_drawn(field) for field in visit.fields)
    buttons = "".join(f"<button>{escape(button)}</button>" for button in visit.buttons)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(visit.title)}</title>
<style>{hooks}{_STYLE.read_text()}</style></head>
<body><section class="modal"><header><h1>{escape(visit.title)}</h1></header>
<main>
{fields}
</main>
<footer>{buttons}</footer></section>
<script>document.documentElement.dataset.height = document.documentElement.scrollHeight;</script></body></html>
"""


def _drawn(field: Shown) -> str:
    match field.kind:
        case "DisplayText":
            return field.html
        case "RadioButtons":
            options = "".join(_radio(field, choice) for choice in field.choices)
            return f"<fieldset><legend>{_label(field)}</legend>{options}</fieldset>"
        case "DropdownBox":
            options = "".join(_option(choice, field.value) for choice in (Choice("--None--", None), *field.choices))
            return f'<label class="field"><span>{_label(field)}</span><select>{options}</select>{_help(field)}</label>'
    if field.type == "Boolean":
        return f'<label class="choice"><input type="checkbox"{_checked(field.value)}> {_label(field)}</label>'
    value = f' value="{escape(text_of(field.value))}"' if field.value is not None else ""
    drawn = f'<input type="{_TYPES[field.type]}"{value}>'
    return f'<label class="field"><span>{_label(field)}</span>{drawn}{_help(field)}</label>'


def _radio(field: Shown, choice: Choice) -> str:
    checked = _checked(choice.value == field.value)
    return f'<label class="choice"><input type="radio" name="{field.name}"{checked}> {escape(choice.label)}</label>'


def _option(choice: Choice, value: Value) -> str:
    return f"<option{' selected' if choice.value == value else ''}>{escape(choice.label)}</option>"


def _checked(value: Value) -> str:
    return " checked" if value is True else ""


def _label(field: Shown) -> str:
    return f"{'<abbr>*</abbr> ' if field.required else ''}{escape(field.html)}"


def _help(field: Shown) -> str:
    return f"<small>{escape(field.help)}</small>" if field.help else ""

"""The screens of a Flow, as a user goes through them: what they show, what is entered, and their buttons.

Source: Salesforce Help, "Flow Element: Screen" and "How Flow Interviews Are Committed": a screen commits what was
written before it, and the buttons of one are Back, and Next or Finish.
"""

from copy import deepcopy, replace
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from local.salesforce_org.evaluation import Value, is_blank
from local.salesforce_org.interviews import Interview
from local.salesforce_org.org import Org
from scripts.salesforce_checks.metadata import text, texts

_BUTTONS = {True: "Next", False: "Finish"}


class NotAccepted(Exception):  # noqa: N818 - what becomes of the entries
    """The screen does not accept what was entered; the message is what it shows."""


@dataclass(frozen=True)
class Choice:
    """An option of a field: what users see, and what the Flow reads."""

    label: str
    value: Value


@dataclass(frozen=True)
class Shown:
    """A field of a screen, as it is shown."""

    name: str
    kind: str
    type: str
    html: str
    value: Value
    choices: tuple[Choice, ...]
    required: bool
    help: str


@dataclass
class Visit:
    """A user's way through the screens of a Flow."""

    org: Org
    interview: Interview
    before: list[str] = field(default_factory=list)
    """The screens that Back leads to."""

    @property
    def is_over(self) -> bool:
        """Whether the last screen was closed."""
        return self.interview.at is None

    @property
    def title(self) -> str:
        """The header of the screen."""
        return text(self._screen, "label")

    @property
    def buttons(self) -> list[str]:
        """The buttons of the screen, the one that goes on last."""
        goes_on = text(self._screen, "nextOrFinishButtonLabel") or _BUTTONS[self._screen.find("connector") is not None]
        return [*(["Back"] if self._goes_back else []), goes_on]

    @property
    def fields(self) -> list[Shown]:
        """What the screen shows, without what its conditions hide."""
        return [self._shown(one) for one in self._screen.findall("fields") if self._is_visible(one)]

    def press(self, button: str, **entered: Value) -> None:
        """Enter values, of choices their labels, and press a button. Raises NotAccepted."""
        if button not in self.buttons:
            raise NotAccepted(f"{self.title} has no button {button}, only {self.buttons}")
        if button == "Back":
            self.interview.at = self.before.pop()
            return
        self._enter(entered)
        self.before.append(text(self._screen, "name"))
        self.interview.go_on()
        self.org.transaction().run([self.interview])

    def press_twice(self, button: str, **entered: Value) -> None:
        """Press a button a second time before the first has taken effect: both requests arrive."""
        held = replace(self.interview, held=deepcopy(self.interview.held), left={})
        Visit(self.org, held, list(self.before)).press(button, **entered)
        self.press(button, **entered)

    @property
    def _screen(self) -> Element:
        return self.interview.element

    @property
    def _goes_back(self) -> bool:
        return bool(self.before) and text(self._screen, "allowBack") == "true"

    def _is_visible(self, element: Element) -> bool:
        rule = element.find("visibilityRule")
        return rule is None or self.interview.holds(rule)

    def _shown(self, element: Element) -> Shown:
        return Shown(
            text(element, "name"),
            text(element, "fieldType"),
            text(element, "dataType"),
            self.interview.merged(text(element, "fieldText")),
            self._value(element),
            tuple(self._choices(element)),
            text(element, "isRequired") == "true",
            text(element, "helpText"),
        )

    def _value(self, element: Element) -> Value:
        if text(element, "name") in self.interview.held:
            return self.interview.held[text(element, "name")]
        if chosen := text(element, "defaultSelectedChoiceReference"):
            return self._choice(chosen).value
        default = element.find("defaultValue")
        return None if default is None else self.interview.value(default)

    def _choices(self, element: Element) -> list[Choice]:
        found = []
        for name in texts(element, "choiceReferences"):
            resource = self.interview.flow.resources[name]
            found += [self._choice(name)] if resource.tag == "choices" else self._records(resource)
        return found

    def _choice(self, name: str) -> Choice:
        resource = self.interview.flow.resources[name]
        return Choice(text(resource, "choiceText"), self.interview.value(next(resource.iter("value"))))

    def _records(self, choices: Element) -> list[Choice]:
        """Return the choices that are records."""
        found = self.org.records.find(
            text(choices, "object"),
            self.interview.filters(choices),
            text(choices, "filterLogic"),
            self.org.clock.date(),
        )
        shown, value = text(choices, "displayField"), text(choices, "valueField")
        return sorted((Choice(row[shown], row[value]) for row in found), key=lambda one: one.label)

    def _enter(self, entered: dict[str, Value]) -> None:
        """Store what was entered. What it makes visible can be entered with it, as screens react at once."""
        for one in self._screen.findall("fields"):
            if text(one, "fieldType") != "DisplayText":
                self._store(one, entered)
        for one in self._screen.findall("fields"):
            if self._is_visible(one):
                self._check(one)
        if unknown := entered.keys() - {one.name for one in self.fields}:
            raise NotAccepted(f"{self.title} does not show {sorted(unknown)}")

    def _store(self, element: Element, entered: dict[str, Value]) -> None:
        name, choices = text(element, "name"), self._choices(element)
        value = entered.get(name, self._value(element))
        self.interview.held[name] = next((one.value for one in choices if one.label == value), value)

    def _check(self, element: Element) -> None:
        value = self.interview.held.get(text(element, "name"))
        if text(element, "isRequired") == "true" and is_blank(value):
            raise NotAccepted(f"{text(element, 'fieldText')}: complete this field")
        rule = element.find("validationRule")
        if rule is not None and not is_blank(value) and not self.interview.passes_rule(text(rule, "formulaExpression")):
            raise NotAccepted(text(rule, "errorMessage"))


def open_action(org: Org, action: str, record: str) -> Visit:
    """Press the button of a quick action, as `Account.Stigg_Customer`, on a record; return the first screen's visit."""
    flow_name = text(org.project.named("QuickAction")[action].root, "flowDefinition")
    (flow,) = [flow for flow in org.project.flows if flow.name == flow_name]
    interview = org.interview(flow, {}, org.user, flow.entries[0].target)
    interview.held["recordId"] = record
    org.transaction().run([interview])
    return Visit(org, interview)

"""What is set up in an org, beside its records."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from local.salesforce_org.org import Org

ORG_ID = "00D000000000001EAA"
_PRINCIPAL = "<externalCredentialPrincipal>Stigg_Actions-Service<"
FIELDS_OF_SETTINGS = "Stigg_Settings__c"
LAYOUT = """<?xml version="1.0" encoding="UTF-8"?>
<Layout xmlns="http://soap.sforce.com/2006/04/metadata">
    <layoutSections>
        <customLabel>false</customLabel>
        <detailHeading>false</detailHeading>
        <editHeading>true</editHeading>
        <label>Information</label>
        <layoutColumns>
            <layoutItems>
                <behavior>Required</behavior>
                <field>Name</field>
            </layoutItems>
        </layoutColumns>
        <layoutColumns/>
        <style>TwoColumnsTopToBottom</style>
    </layoutSections>
    <layoutSections>
        <customLabel>false</customLabel>
        <detailHeading>false</detailHeading>
        <editHeading>false</editHeading>
        <layoutColumns/>
        <style>CustomLinks</style>
    </layoutSections>
    <relatedLists>
        <relatedList>RelatedNoteList</relatedList>
    </relatedLists>
    <showEmailCheckbox>false</showEmailCheckbox>
</Layout>
"""
LAYOUTS = (
    "Account-Account Layout",
    "Contract-Contract Layout",
    "Opportunity-Opportunity Layout",
    "Opportunity-Opportunity %28Partners%29",
    "OpportunityLineItem-Opportunity Product Layout",
    "Product2-Product Layout",
)
OTHERS = ("Contact-Contact Layout", "Lead-Lead Layout")


class Signed(NamedTuple):
    """How the Named Credential signs and addresses a call."""

    url: str
    region: str
    key_id: str
    secret: str


type Service = Callable[[Signed, str, str], tuple[int, dict[str, Any]]]
"""Answers a signed call of an action with a body of JSON: status and answer."""


@dataclass
class Administration:
    """The set-up of an org."""

    org: Org
    service: Service
    username: str = "admin@seller.example"
    files: dict[str, str] = field(default_factory=dict)
    """What was deployed: content by path."""
    url: str = ""
    region: str = ""
    credential: dict[str, dict[str, Any]] = field(default_factory=dict)
    assignments: set[tuple[str, str]] = field(default_factory=set)
    """Users and permission sets, by id."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The organization's record; empty if there is none."""
    layouts: dict[str, str] = field(default_factory=lambda: dict.fromkeys((*LAYOUTS, *OTHERS), LAYOUT))
    record_types: list[tuple[str, str]] = field(default_factory=list)
    """Objects and names of record types."""
    inactive: set[str] = field(default_factory=set)
    deployment_problem: str = ""
    """Why the org refuses deployments."""
    shows_key_id: bool = True
    """Whether the org answers the value of a credential that is not encrypted; public material disagrees."""
    changes: list[str] = field(default_factory=list)
    """What was changed, in order."""
    users: dict[str, str] = field(default_factory=dict)
    """Ids of active users by username."""

    def __post_init__(self) -> None:
        self.users[self.username] = self.org.user
        self.org.gateway = self._call

    @property
    def is_deployed(self) -> bool:
        """Whether the project was deployed."""
        return bool(self.files)

    @property
    def permission_sets(self) -> dict[str, str]:
        """The ids of the permission sets that were deployed, by name."""
        names = sorted(Path(path).name.partition(".")[0] for path in self._files_of("permissionsets"))
        return {name: f"0PS{number:012d}AAA" for number, name in enumerate(names, 1)}

    @property
    def flows(self) -> list[str]:
        """The names of the Flows that were deployed."""
        return [Path(path).name.partition(".")[0] for path in self._files_of("flows")]

    def _files_of(self, folder: str) -> list[str]:
        return [path for path in self.files if f"/{folder}/" in path]

    @property
    def _may_call(self) -> bool:
        """Whether the user has a permission set with the principal of the External Credential."""
        names = [
            Path(path).name.partition(".")[0]
            for path in self._files_of("permissionsets")
            if _PRINCIPAL in self.files[path]
        ]
        return any((self.org.user, self.permission_sets[name]) in self.assignments for name in names)

    def _call(self, action: str, body: str) -> tuple[int, dict[str, Any]]:
        """Send a call of a Flow through the Named Credential."""
        if not self._may_call or not self.credential:
            return 400, {"errorMessage": "We couldn't access the credential(s). You might not have the permissions."}
        held = {name: entry["value"] for name, entry in self.credential.items()}
        signed = Signed(self.url, self.region, held["awsAccessKeyId"], held["awsSecretAccessKey"])
        return self.service(signed, action, body)

"""stigg-actions salesforce setup: one run sets an org up, a second one changes nothing, and each lack has a remedy."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.org_setup import project
from local.salesforce_org.administration.state import ORG_ID
from tests.support.org_setup import POLICY, REGION, STACK, URL, OrgToSetUp, org_to_set_up, stack_description

SETTINGS = ("--set", "Currency=USD", "--set", "Billing_Period=MONTHLY")
SELLER = "seller@seller.example"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OrgToSetUp]:
    """An org without the project, and the CLI on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with org_to_set_up(tmp_path) as world:
        world.administration.users[SELLER] = "005000000000009AAA"
        yield world


def states(ran_document: dict[str, object]) -> dict[str, str]:
    """Return the last state of each step."""
    steps = ran_document["steps"]
    assert isinstance(steps, list)
    return {step["step"]: step["state"] for step in steps}


def snapshot(world: OrgToSetUp) -> tuple[object, ...]:
    """Return what is set up, apart from the number of keys that were made on the way."""
    org, (name, user) = world.administration, *world.iam.users.items()
    key = user.keys[str(org.credential["awsAccessKeyId"]["value"])]
    active = [key["AccessKeyId"] for key in user.keys.values() if key["Status"] == "Active"]
    assert active == [key["AccessKeyId"]]
    assert org.credential["awsSecretAccessKey"] == {"value": key["SecretAccessKey"], "encrypted": True}
    return name, user.policies, org.files, org.url, org.region, org.assignments, org.settings, org.layouts


def test_a_fresh_org(world: OrgToSetUp) -> None:
    """One run makes the AWS user, deploys, stores the key, assigns, enters settings, adds fields and checks the way."""
    ran = world.run(*SETTINGS, "--user", SELLER, "--json")
    org = world.administration

    assert ran.code == 0, ran.err
    assert (org.url, org.region) == (URL, REGION)
    assert world.iam.users["salesforce-stigg-sandbox"].policies == {POLICY}
    assert {user for user, _ in org.assignments} == set(org.users.values())
    assert (org.settings["Currency__c"], org.settings["Trial_Stage__c"]) == ("USD", None)
    assert org.layouts["Opportunity-Opportunity %28Partners%29"].count("Stigg_Status__c") == 1
    assert "Stigg" not in org.layouts["Contact-Contact Layout"]
    assert states(ran.document)["Connection"] == "already there"
    assert "All 16 checks have passed." in ran.out
    assert "secret-" not in str(world.cli.commands)
    assert any("Default Workflow User" in left for left in ran.document["left"])


def test_a_second_run(world: OrgToSetUp) -> None:
    """A second run finds everything there and changes nothing, whether or not the org shows the id of its key."""
    world.run(*SETTINGS)
    done = list(world.changes)
    again = world.run(*SETTINGS, "--json")
    world.administration.shows_key_id = False
    unseen = world.run(*SETTINGS)

    assert (again.code, unseen.code, world.changes) == (0, 0, done)
    assert {step["state"] for step in again.document["steps"]} == {"already there", "left for you"}


def test_a_dry_run(world: OrgToSetUp) -> None:
    """A dry run changes nothing, in a fresh org and in one that lost its key, and says what it would do."""
    fresh = world.run(*SETTINGS, "--dry-run", "--json")
    assert (fresh.code, world.changes) == (0, [])
    assert states(fresh.document)["Access key"] == "would be created"

    world.run(*SETTINGS)
    done = list(world.changes)
    world.iam.users["salesforce-stigg-sandbox"].keys.clear()
    lost = world.run(*SETTINGS, "--set", "Trial_Stage=Trial", "--dry-run", "--json")

    assert (lost.code, world.changes) == (0, done)
    assert states(lost.document)["Access key"] == states(lost.document)["Settings"] == "would be changed"


def test_a_run_that_ends_after_any_change(world: OrgToSetUp, tmp_path: Path) -> None:
    """Wherever a run ends, the next one completes the org, with one key that works; then nothing is left to change."""
    world.run(*SETTINGS, "--user", SELLER)
    wanted, changes = snapshot(world), len(world.changes)
    assert changes > 9
    for number in range(1, changes + 1):
        with org_to_set_up(tmp_path) as other:
            other.administration.users[SELLER] = "005000000000009AAA"
            other.interrupt_after(number)
            assert other.run(*SETTINGS, "--user", SELLER).code != 0
            other.interrupt_after(None)
            assert other.run(*SETTINGS, "--user", SELLER).code == 0, number
            assert snapshot(other) == wanted, number


def test_lost_keys(world: OrgToSetUp) -> None:
    """A key that is gone in AWS is replaced; the former one is put out of use only when the new one works."""
    world.run()
    user = world.iam.users["salesforce-stigg-sandbox"]
    first = next(iter(user.keys))
    user.keys[first]["Status"] = "Inactive"
    replaced = world.run("--json")
    second = world.administration.credential["awsAccessKeyId"]["value"]
    forced = world.run("--replace-key", "--json")
    third = world.administration.credential["awsAccessKeyId"]["value"]

    assert (replaced.code, forced.code, len({first, second, third})) == (0, 0, 3)
    assert states(forced.document)["Access key"] == "changed"
    assert {key: value["Status"] for key, value in user.keys.items()} == {second: "Inactive", third: "Active"}
    assert world.changes.index("update_access_key") > world.changes.index("credential")


def test_keys_in_use_are_not_deleted(world: OrgToSetUp) -> None:
    """Where both keys of the user were used, none is deleted, and the program says how to delete one."""
    world.run()
    world.iam.create_access_key(UserName="salesforce-stigg-sandbox")
    keys = world.iam.users["salesforce-stigg-sandbox"].keys
    for key in keys.values():
        world.iam.use(key["AccessKeyId"], key["SecretAccessKey"], POLICY)
    ran = world.run("--replace-key")

    assert (ran.code, len(keys)) == (1, 2)
    assert "aws iam delete-access-key --user-name salesforce-stigg-sandbox" in ran.err


def test_a_wrong_secret_or_region(world: OrgToSetUp) -> None:
    """A call that AWS refuses is tried for half a minute, and then the remedy is named; the remedy helps."""
    world.run()
    world.administration.credential["awsSecretAccessKey"]["value"] = "typed by hand"
    wrong = world.run("--no-deploy")
    assert (wrong.code, sum(world.pauses)) == (1, 31.0)
    assert "INVALID_SIGNATURE" in wrong.err
    assert "with --replace-key" in wrong.err
    assert world.run("--replace-key").code == 0

    world.administration.region = "us-east-1"
    assert "INVALID_SIGNATURE" in world.run("--no-deploy").err
    world.administration.files.popitem()
    assert world.run().code == 0


def test_settings_of_an_admin_stay(world: OrgToSetUp, tmp_path: Path) -> None:
    """A value that an admin entered is kept and named; only empty ones are filled, from a file or options."""
    world.run("--set", "Currency=EUR")
    file = tmp_path / "settings.toml"
    file.write_text('Currency = "USD"\nTrial_Stage = "Trial"\nGrace_Off = true\n')
    ran = world.run("--settings", str(file), "--set", "Trial_Stage=Proof of Concept", "--json")
    settings = world.administration.settings

    assert (settings["Currency__c"], settings["Trial_Stage__c"]) == ("EUR", "Proof of Concept")
    assert settings["Grace_Off__c"] is False
    assert "Settings: the org keeps its own Currency, Grace Off" in " ".join(ran.document["left"])


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("Curency=USD", "The Stigg Settings have no Curency"),
        ("Currency=DOLLAR", "Currency takes a text of 1 to 3 characters"),
        ("Grace_Off=yes", "Grace_Off is a checkbox"),
        ("Success_Page=http://acme.example", "begins with https://"),
    ],
)
def test_wrong_settings(world: OrgToSetUp, option: str, said: str) -> None:
    """A setting that does not exist or has no valid value is refused before anything is done."""
    ran = world.run("--set", option)

    assert (ran.code, said in ran.err, world.cli.commands) == (2, True, [])


def test_layouts_of_an_admin_stay(world: OrgToSetUp) -> None:
    """A layout that shows some fields is not changed, and what it lacks is named; all else of a layout is kept."""
    name = "Account-Account Layout"
    plain = world.administration.layouts[name]
    own = plain.replace("<field>Name</field>", "<field>Stigg_Link__c</field>")
    world.administration.layouts[name] = own
    ran = world.run("--json")
    product = world.administration.layouts["Product2-Product Layout"]

    assert world.administration.layouts[name] == own
    assert any(
        f"{name} has some of the fields; add as you like: Stigg Customer ID" in one for one in ran.document["left"]
    )
    assert product.index("Information") < product.index("Stigg_ID__c") < product.index("RelatedNoteList")


def test_buttons_are_named(world: OrgToSetUp) -> None:
    """The buttons of screens that a layout lacks are left to the admin, who chooses the other buttons, too."""
    item = "<platformActionListItems><actionName>Account.Stigg_Customer</actionName></platformActionListItems>"
    actions = f"<platformActionList>{item}</platformActionList>"
    account, contract = "Account-Account Layout", "Contract-Contract Layout"
    world.administration.layouts[account] = (
        world.administration.layouts[account]
        .replace("<field>Name</field>", "<field>Stigg_Link__c</field>")
        .replace("    <relatedLists>", f"    {actions}\n    <relatedLists>", 1)
    )

    left = world.run("--json").document["left"]

    assert f"Page layouts: {account}: add the buttons Stigg: Grant Access" in left
    assert f"Page layouts: {contract}: add the buttons Stigg: Subscription, Stigg: Try Again" in left
    assert not [one for one in left if "Product2" in one and "buttons" in one]


def test_flows_that_are_not_active(world: OrgToSetUp) -> None:
    """Flows that production deployed without activating them are named."""
    world.administration.inactive.add("Stigg_Renewal")
    ran = world.run("--json")

    assert (ran.code, "Flows: activate in Setup, Flows: Stigg_Renewal" in ran.document["left"]) == (0, True)


def test_permission_sets_of_administrators() -> None:
    """Where sets for administrators exist, you get these and sellers the others; otherwise both get all."""
    two = ["Stigg_Admin", "Stigg_User"]

    assert (project.sets_of_administrators(two), project.sets_of_users(two)) == (["Stigg_Admin"], ["Stigg_User"])
    assert "Stigg_Bypass" not in project.permission_sets() != []
    assert project.sets_of_administrators(["Stigg"]) == project.sets_of_users(["Stigg"]) == ["Stigg"]


def test_record_types(world: OrgToSetUp) -> None:
    """Record types, to which a deployment adds no picklist values, are named."""
    world.administration.record_types = [("Opportunity", "Renewal"), ("Account", "Partner"), ("Lead", "Web")]
    left = world.run("--json").document["left"]

    assert any("picklists to: Account Partner, Opportunity Renewal (" in one for one in left)


def test_an_unknown_user(world: OrgToSetUp) -> None:
    """A username that the org does not have is refused, by its number; what was done before stays done."""
    ran = world.run("--user", SELLER, "--user", "nobody@seller.example", "--json")

    assert (ran.code, ran.document["step"], ran.document["errorCode"]) == (2, "Permission sets", "BAD_INPUT")
    assert "--user number 2" in ran.document["errorMessage"]
    assert "seller.example" not in ran.out + ran.err
    assert states(ran.document)["Access key"] == "created"


def test_what_a_deployment_lacks(world: OrgToSetUp) -> None:
    """What the org says of a refused deployment is shown with a remedy."""
    world.administration.deployment_problem = "You must select a default workflow user before you can activate it."
    ran = world.run()

    assert ran.code == 1
    assert "Name a Default Workflow User: Setup, Process Automation Settings." in ran.err
    assert "run the same command again" in ran.err


def test_another_orgs_user(world: OrgToSetUp) -> None:
    """An AWS user that belongs to another org is left alone."""
    world.run()
    world.iam.users["salesforce-stigg-sandbox"].tags["SalesforceOrgId"] = "00D000000000002EAA"
    ran = world.run()

    assert (ran.code, "belongs to the org 00D000000000002EAA" in ran.err) == (1, True)


def test_missing_rights_in_aws(world: OrgToSetUp) -> None:
    """Rights that the deployer lacks are named."""
    world.iam.denied.add("CreateUser")
    ran = world.run()

    assert (ran.code, "CreateUser, TagUser, ListUserTags" in ran.err) == (1, True)


def test_prerequisites(world: OrgToSetUp, tmp_path: Path) -> None:
    """What must be there first is asked for before anything is changed, each with its remedy and exit code."""
    world.cli.version = "sfdx-cli/7.209.6"
    assert_refused(world, 3, "which is too old. Run: sf update")
    world.cli.version = "@salesforce/cli/2.90.4"
    world.cli.alias, alias = "other", world.cli.alias
    asked = world.cli.alias
    world.cli.alias = alias
    assert_refused(world, 3, "sf org login web --alias other", "--org", asked)
    world.cli.instance_url, url = "https://na139.salesforce.com", world.cli.instance_url
    assert_refused(world, 1, "which is no My Domain")
    world.cli.instance_url = url
    world.stacks[STACK] = stack_description(SalesforceOrgId="00D000000000002EAA", AllowedSalesforceOrgIds="")
    assert_refused(world, 1, f"does not serve the org {ORG_ID}")
    del world.stacks[STACK]
    assert_refused(world, 1, "or its --region")
    world.stacks[STACK] = {"Outputs": []}
    assert_refused(world, 1, "It is no stack of this project")
    (tmp_path / "sf").unlink()
    assert_refused(world, 3, "npm install --global @salesforce/cli")


def test_an_older_cli(world: OrgToSetUp) -> None:
    """A CLI that shows its token in org display is enough, and a session that has ended is named."""
    world.cli.is_redacting = False
    assert world.run().code == 0
    world.rest.tokens.expire()
    ended = world.run("--json")

    assert (ended.code, "The session of the Salesforce CLI has ended" in ended.out) == (3, True)


def test_what_people_read(world: OrgToSetUp) -> None:
    """For people, each step has a line, and what is left to do is a list at the end."""
    out = world.run(*SETTINGS).out

    assert "AWS user          created           salesforce-stigg-sandbox with arn:aws:iam::1:policy/c" in out
    assert out.index("Connection") < out.index("Left for you (docs/salesforce-setup.md):") < out.index("  1. ")


def assert_refused(world: OrgToSetUp, code: int, said: str, *options: str) -> None:
    """Assert that a run ends before anything is changed."""
    ran = world.run(*options, "--json")

    assert (ran.code, world.changes) == (code, [])
    assert said in json.loads(ran.out)["errorMessage"]

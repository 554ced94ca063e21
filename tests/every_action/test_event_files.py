"""Every file under events/, through API Gateway or invoked directly as its name says: what it must come to."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from local.events import Event, event, events
from local.stack.template import routed
from stigg_actions.errors import ActionError
from tests.support.harness import Harness
from tests.support.published import answer_problems


@dataclass(frozen=True)
class Refusal:
    """What a refused file must come to: category, HTTP status, code, and the field that is named."""

    category: str
    status: int
    code: str
    field: str | None = None


def invalid(field: str) -> Refusal:
    """A malformed request, of which one field is named."""
    return Refusal("RequestInvalid", 400, "INVALID_REQUEST", field)


def not_found(code: str, field: str | None = None) -> Refusal:
    """Something that Stigg does not have, and the field that names it where a catalog lists such things."""
    return Refusal("NotFound", 404, code, field)


EXPECTED: dict[str, str | Refusal] = {
    "submit_batch/api.two-customers": "completed",
    "submit_batch/api.from-a-flow": "completed",
    "submit_batch/api.three-refused-alone": "completed",
    "submit_batch/api.requests-as-text": "completed",
    "submit_batch/direct.with-key": "completed",
    "submit_batch/api.bad-no-requests": invalid("requests"),
    "submit_batch/api.bad-page-without-key": invalid("idempotencyKey"),
    "submit_batch/direct.bad-page-beyond": invalid("page"),
    "submit_batch/direct.bad-requests": invalid("requests"),
    "submit_batch/direct.bad-wait": invalid("waitSeconds"),
    "get_batch/api.completed": "completed",
    "get_batch/api.waiting": "completed",
    "get_batch/direct.first-results": "completed",
    "get_batch/direct.next-results": "completed",
    "get_batch/api.bad-unknown-batch": not_found("BATCH_NOT_FOUND"),
    "get_batch/direct.bad-no-batch": invalid("batchId"),
    "get_batch/direct.bad-token": invalid("nextToken"),
    "create_customer/api.base64": "created",
    "create_customer/api.salesforce-shapes": "created",
    "create_customer/api.with-email": "created",
    "create_customer/api.without-email": "created",
    "create_customer/direct.all-fields": "created",
    "create_customer/direct.by-account": "created",
    "create_customer/direct.keeps-what-it-has": "created",
    "create_customer/api.bad-email": invalid("email"),
    "create_customer/direct.bad-keep-fields": invalid("keepFields[0]"),
    "create_customer/api.bad-json": invalid("body"),
    "create_customer/api.bad-org": Refusal("Refused", 403, "ORG_NOT_ALLOWED"),
    "create_customer/direct.bad-account-checksum": invalid("salesforceAccountId"),
    "create_customer/direct.bad-no-customer": invalid("customerId"),
    "create_customer/direct.bad-opportunity-as-account": invalid("salesforceAccountId"),
    "create_customer/direct.bad-unknown-field": invalid("emial"),
    "create_subscription/api.entitlements-and-price": "created",
    "create_subscription/api.payment-page": "paymentRequired",
    "create_subscription/api.plan-with-addons": "created",
    "create_subscription/api.salesforce-shapes": "created",
    "create_subscription/api.trial": "created",
    "create_subscription/direct.by-account": "created",
    "create_subscription/direct.custom-plan-with-credits": "created",
    "create_subscription/direct.with-customer": "created",
    "create_subscription/direct.workspace": "created",
    "create_subscription/api.bad-duplicate-entitlement": invalid("entitlements"),
    "create_subscription/api.bad-trial-end-without-trial": invalid("trialOverrideConfiguration.trialEndDate"),
    "create_subscription/api.bad-unknown-plan": not_found("PLAN_NOT_FOUND", "planId"),
    "create_subscription/direct.bad-currency-of-no-price": invalid("minimumSpend.currency"),
    "create_subscription/direct.bad-currency-without-amount": invalid("planBaseChargeOverride.amount"),
    "create_subscription/direct.bad-fraction-quantity": invalid("addons[0].quantity"),
    "create_subscription/direct.bad-price-without-currency": invalid("priceOverrides[0].currency"),
    "create_subscription/direct.bad-record-checksum": invalid("salesforceRecordId"),
    "create_subscription/direct.bad-unknown-customer": not_found("CUSTOMER_NOT_FOUND"),
    "create_subscription_with_return_data/api.base64": "created",
    "create_subscription_with_return_data/api.from-a-flow": "created",
    "create_subscription_with_return_data/api.new-line": "created",
    "create_subscription_with_return_data/api.renewal-with-another-plan": "created",
    "create_subscription_with_return_data/api.renewal-with-more-seats": "created",
    "create_subscription_with_return_data/direct.days-of-a-time-zone": "scheduled",
    "create_subscription_with_return_data/direct.payment-page": "paymentRequired",
    "create_subscription_with_return_data/direct.scheduled": "scheduled",
    "create_subscription_with_return_data/direct.workspace": "created",
    "create_subscription_with_return_data/api.bad-addon-of-another-plan": Refusal("Refused", 422, "REFUSED_BY_STIGG"),
    "create_subscription_with_return_data/api.bad-plan-missing": invalid("planId"),
    "create_subscription_with_return_data/api.bad-two-prices": invalid("planBaseChargeOverride"),
    "create_subscription_with_return_data/direct.bad-end-before-start": invalid("cancellationDate"),
    "create_subscription_with_return_data/direct.bad-unknown-addon": not_found("ADDON_NOT_FOUND", "addons"),
    "cancel_subscription/api.end-of-billing-period": "scheduled",
    "cancel_subscription/api.dry-run": "dryRun",
    "cancel_subscription/direct.dry-run": "dryRun",
    "cancel_subscription/api.on-date": "scheduled",
    "cancel_subscription/direct.now": "canceled",
    "cancel_subscription/direct.on-date-with-key": "scheduled",
    "cancel_subscription/api.bad-both-references": invalid("subscriptionId"),
    "cancel_subscription/api.bad-date-without-on-date": invalid("endDate"),
    "cancel_subscription/api.bad-on-date-without-date": invalid("endDate"),
    "cancel_subscription/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "cancel_subscription/direct.bad-date-in-the-past": invalid("endDate"),
    "cancel_subscription/direct.bad-no-reference": invalid("subscriptionId"),
    "cancel_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "reschedule_cancellation/api.clear": "updated",
    "reschedule_cancellation/api.from-a-flow": "updated",
    "reschedule_cancellation/api.move": "updated",
    "reschedule_cancellation/direct.date-only": "updated",
    "reschedule_cancellation/direct.with-key": "updated",
    "reschedule_cancellation/api.bad-clear-with-date": invalid("cancellationDate"),
    "reschedule_cancellation/api.bad-date-in-the-past": invalid("cancellationDate"),
    "reschedule_cancellation/direct.bad-both-references": invalid("subscriptionId"),
    "reschedule_cancellation/direct.bad-no-date": invalid("cancellationDate"),
    "reschedule_cancellation/direct.bad-no-reference": invalid("subscriptionId"),
    "reschedule_cancellation/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "cancel_scheduled_update/api.by-record": "dropped",
    "cancel_scheduled_update/api.unpaid-update": "unchanged",
    "cancel_scheduled_update/direct.with-key": "dropped",
    "cancel_scheduled_update/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "cancel_scheduled_update/direct.bad-no-reference": invalid("subscriptionId"),
    "cancel_scheduled_update/direct.bad-waits-for": invalid("waitsFor"),
    "cancel_scheduled_update/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "set_subscription_metadata/api.from-a-flow": "updated",
    "set_subscription_metadata/api.merge": "updated",
    "set_subscription_metadata/api.remove": "updated",
    "set_subscription_metadata/direct.replace": "updated",
    "set_subscription_metadata/direct.with-key": "updated",
    "set_subscription_metadata/api.bad-both-references": invalid("subscriptionId"),
    "set_subscription_metadata/api.bad-nothing-to-set": invalid("metadata"),
    "set_subscription_metadata/api.bad-reserved-key": invalid("metadata"),
    "set_subscription_metadata/direct.bad-key-set-and-removed": invalid("removeKeys"),
    "set_subscription_metadata/direct.bad-no-reference": invalid("subscriptionId"),
    "set_subscription_metadata/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "update_subscription/api.dry-run": "dryRun",
    "update_subscription/direct.dry-run": "dryRun",
    "update_subscription/api.monthly-from-the-next-period": "unchanged",  # it is billed monthly already
    "update_subscription/api.at-the-end-of-the-period": "scheduled",
    "update_subscription/api.from-a-flow": "updated",
    "update_subscription/api.more-seats": "updated",
    "update_subscription/api.price-and-entitlement": "updated",
    "update_subscription/direct.full-list-with-key": "updated",
    "update_subscription/direct.remove-and-clear": "updated",
    "update_subscription/api.bad-given-and-removed": invalid("removeAddons"),
    "update_subscription/api.bad-nothing-to-change": invalid("salesforceRecordId"),
    "update_subscription/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "update_subscription/direct.bad-no-reference": invalid("subscriptionId"),
    "update_subscription/direct.bad-remove-with-replace": invalid("removeAddons"),
    "update_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "downgrade_subscription/api.dry-run": "dryRun",
    "downgrade_subscription/direct.dry-run": "dryRun",
    "downgrade_subscription/api.end-of-contract": "scheduled",
    "downgrade_subscription/api.from-a-flow": "replaced",
    "downgrade_subscription/api.on-expiry": "replaced",
    "downgrade_subscription/direct.end-of-period-with-key": "scheduled",
    "downgrade_subscription/direct.to-a-named-plan": "replaced",
    "downgrade_subscription/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "downgrade_subscription/api.bad-start-date": invalid("startDate"),
    "downgrade_subscription/direct.bad-no-reference": invalid("subscriptionId"),
    "downgrade_subscription/direct.bad-unknown-plan": not_found("PLAN_NOT_FOUND", "planId"),
    "downgrade_subscription/direct.bad-when": invalid("downgradeWhen"),
    "renew_subscription/api.another-plan-on-a-new-line": "replaced",
    "renew_subscription/api.dry-run": "dryRun",
    "renew_subscription/api.extended": "updated",
    "renew_subscription/api.from-a-flow": "updated",
    "renew_subscription/api.restore": "replaced",
    "renew_subscription/direct.dry-run-extended": "dryRun",
    "renew_subscription/direct.same-terms-on-a-new-line": "unchanged",
    "renew_subscription/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "renew_subscription/api.bad-same-record": invalid("newSalesforceRecordId"),
    "renew_subscription/direct.bad-amend-another-plan": invalid("planId"),
    "renew_subscription/direct.bad-no-reference": invalid("subscriptionId"),
    "renew_subscription/direct.bad-nothing-to-restore": invalid("restore"),
    "renew_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "get_subscription/api.by-record": "found",
    "get_subscription/api.with-account": "found",
    "get_subscription/direct.with-customer": "found",
    "get_subscription/api.bad-both-references": invalid("subscriptionId"),
    "get_subscription/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "get_subscription/direct.bad-idempotency-key": invalid("idempotencyKey"),
    "get_subscription/direct.bad-no-reference": invalid("subscriptionId"),
    "get_subscription/direct.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "get_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "check_connection/api.everything": "healthy",
    "check_connection/api.missing-plan": "unhealthy",
    "check_connection/direct.with-plans": "healthy",
    "check_connection/api.bad-org": Refusal("Refused", 403, "ORG_NOT_ALLOWED"),
    "check_connection/direct.bad-too-many-plans": invalid("planIds"),
    "get_customer/api.by-account": "found",
    "get_customer/direct.of-a-resource": "found",
    "get_customer/api.bad-two-names": invalid("customerId"),
    "get_customer/direct.bad-no-customer": invalid("customerId"),
    "get_customer/direct.bad-unknown-customer": not_found("CUSTOMER_NOT_FOUND"),
    "preview_subscription/api.plan-with-addons": "previewed",
    "preview_subscription/api.salesforce-shapes": "previewed",
    "preview_subscription/api.unknown-plan": "previewed",
    "preview_subscription/direct.not-all-priced": "previewed",
    "preview_subscription/direct.unknown-customer": "previewed",
    "preview_subscription/direct.by-account": "previewed",
    "preview_subscription/api.bad-customer-email": invalid("customerEmail"),
    "preview_subscription/api.bad-plan-missing": invalid("planId"),
    "preview_subscription/direct.bad-no-customer": invalid("customerId"),
    "preview_subscription/direct.bad-two-prices": invalid("planBaseChargeOverride"),
    "apply_ramp_steps/direct.dry-run": "dryRun",
    "apply_ramp_steps/direct.scheduled": "unchanged",
    "apply_ramp_steps/direct.bad-dry-run": invalid("dryRun"),
    "apply_ramp_steps/direct.bad-no-ramp": not_found("SUBSCRIPTION_NOT_FOUND"),
    "reconcile/direct.dry-run": "dryRun",
    "reconcile/direct.one-customer": "reconciled",
    "reconcile/direct.scheduled": "reconciled",
    "reconcile/direct.bad-age": invalid("minimumAgeSeconds"),
    "reconcile/direct.bad-rebuild-of-nobody": invalid("customerId"),
    "import_customer/direct.from-billing": "imported",
    "import_customer/direct.dry-run": "dryRun",
    "import_customer/direct.known-to-stigg": "unchanged",
    "import_customer/direct.bad-no-customer": invalid("customerId"),
    "import_customer/direct.bad-email": invalid("email"),
    "import_subscription/direct.from-billing": "imported",
    "import_subscription/direct.of-a-file": "imported",
    "import_subscription/direct.dry-run": "dryRun",
    "import_subscription/direct.bad-no-start": invalid("startDate"),
    "import_subscription/direct.bad-ended": invalid("endDate"),
    "import_subscription/direct.bad-unknown-plan": not_found("PLAN_NOT_FOUND", "planId"),
    "merge_customers/direct.moves-subscriptions": "merged",
    "merge_customers/direct.dry-run": "dryRun",
    "merge_customers/direct.links-the-account": "merged",
    "merge_customers/direct.bad-nothing-to-do": invalid("salesforceAccountId"),
    "merge_customers/direct.bad-into-itself": invalid("intoCustomerId"),
    "forget_customer/direct.everything": "forgotten",
    "forget_customer/direct.dry-run": "wouldForget",
    "forget_customer/direct.bad-no-customer": invalid("customerId"),
    "forget_customer/direct.bad-token": invalid("nextToken"),
    "list_operations/direct.failed": "listed",
    "list_operations/direct.needing-attention": "listed",
    "list_operations/direct.of-a-call": "listed",
    "list_operations/direct.of-a-record": "listed",
    "list_operations/direct.bad-limit": invalid("limit"),
    "list_operations/direct.bad-token": invalid("nextToken"),
    "replay_operation/direct.again": "alreadySucceeded",
    "replay_operation/direct.bad-no-key": invalid("operationKey"),
    "replay_operation/direct.bad-unknown-operation": not_found("OPERATION_NOT_FOUND"),
    "migrate_subscription/api.end-of-billing-period": "scheduled",
    "migrate_subscription/api.from-a-flow": "updated",
    "migrate_subscription/direct.with-key": "updated",
    "migrate_subscription/api.bad-time": invalid("migrateWhen"),
    "migrate_subscription/direct.bad-no-time": invalid("migrateWhen"),
    "migrate_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "mark_invoice_paid/api.by-record": "paid",
    "mark_invoice_paid/api.dry-run": "dryRun",
    "mark_invoice_paid/direct.with-key": "paid",
    "mark_invoice_paid/api.bad-record-without-subscription": not_found("MAPPING_NOT_FOUND"),
    "mark_invoice_paid/direct.bad-another-invoice": Refusal("Refused", 409, "INVOICE_NOT_LATEST"),
    "mark_invoice_paid/direct.bad-no-reference": invalid("subscriptionId"),
    "mark_invoice_paid/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "adopt_subscription/api.of-the-app": "adopted",
    "adopt_subscription/api.dry-run": "dryRun",
    "adopt_subscription/direct.with-key": "adopted",
    "adopt_subscription/api.bad-no-record": invalid("salesforceRecordId"),
    "adopt_subscription/direct.bad-another-customer": Refusal("Conflict", 409, "CUSTOMER_MISMATCH"),
    "adopt_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "delegate_subscription/api.to-a-subsidiary": "updated",
    "delegate_subscription/api.to-its-customer": "unchanged",
    "delegate_subscription/direct.with-key": "updated",
    "delegate_subscription/api.bad-no-destination": invalid("destinationCustomerId"),
    "delegate_subscription/direct.bad-unknown-customer": not_found("CUSTOMER_NOT_FOUND", "destinationCustomerId"),
    "transfer_subscription/api.to-another-resource": "updated",
    "transfer_subscription/api.to-its-resource": "unchanged",
    "transfer_subscription/direct.with-key": "updated",
    "transfer_subscription/api.bad-both-references": invalid("subscriptionId"),
    "transfer_subscription/direct.bad-no-resource": invalid("destinationResourceId"),
    "transfer_subscription/direct.bad-unknown-subscription": not_found("SUBSCRIPTION_NOT_FOUND"),
    "create_credit_grant/api.by-account": "created",
    "create_credit_grant/api.paid-by-invoice": "paymentRequired",
    "create_credit_grant/api.promotional": "created",
    "create_credit_grant/direct.paid-already": "created",
    "create_credit_grant/direct.scheduled": "scheduled",
    "create_credit_grant/direct.with-key": "created",
    "create_credit_grant/api.bad-no-record-and-no-key": invalid("salesforceRecordId"),
    "create_credit_grant/api.bad-priority": invalid("priority"),
    "create_credit_grant/direct.bad-expiry-before-start": invalid("expireAt"),
    "create_credit_grant/direct.bad-cost-without-payment": invalid("paymentCollectionMethod"),
    "create_credit_grant/direct.bad-unknown-currency": not_found("CREDIT_CURRENCY_NOT_FOUND", "currencyId"),
    "create_credit_grant/direct.bad-unknown-customer": not_found("CUSTOMER_NOT_FOUND"),
    "grant_promotional_entitlement/api.for-a-month": "created",
    "grant_promotional_entitlement/api.until-a-date": "created",
    "grant_promotional_entitlement/direct.with-key": "created",
    "grant_promotional_entitlement/direct.unlimited": "created",
    "grant_promotional_entitlement/api.bad-period": invalid("period"),
    "grant_promotional_entitlement/direct.bad-no-end": invalid("period"),
    "grant_promotional_entitlement/direct.bad-past-end": invalid("customEndDate"),
    "grant_promotional_entitlement/direct.bad-unknown-feature": not_found("FEATURE_NOT_FOUND", "featureId"),
    "revoke_promotional_entitlement/api.by-account": "revoked",
    "revoke_promotional_entitlement/direct.with-key": "revoked",
    "revoke_promotional_entitlement/api.bad-no-customer": invalid("customerId"),
    "revoke_promotional_entitlement/direct.bad-unknown-feature": not_found("FEATURE_NOT_FOUND", "featureId"),
    "provision_contract/api.new": "created",
    "provision_contract/api.without-one": "updated",
    "provision_contract/direct.with-key": "created",
    "provision_contract/api.bad-no-billing": invalid("setupBilling"),
    "provision_contract/direct.bad-free-plan": invalid("subscriptions[0].planId"),
    "archive_contract/api.with-subscriptions": "archived",
    "archive_contract/direct.with-key": "archived",
    "archive_contract/api.bad-both-references": invalid("contractId"),
    "archive_contract/direct.bad-unknown-contract": not_found("CONTRACT_NOT_FOUND"),
    "archive_customer/api.by-account": "archived",
    "archive_customer/api.restore": "restored",
    "archive_customer/direct.with-key": "archived",
    "archive_customer/api.bad-restore-and-cancel": invalid("cancelSubscriptions"),
    "archive_customer/direct.bad-no-customer": invalid("customerId"),
    "archive_customer/direct.bad-unknown-customer": not_found("CUSTOMER_NOT_FOUND"),
    "void_credit_grant/api.by-record": "voided",
    "void_credit_grant/direct.with-key": "voided",
    "void_credit_grant/api.bad-grant-and-record": invalid("grantId"),
    "void_credit_grant/api.bad-record-without-grant": not_found("MAPPING_NOT_FOUND"),
    "void_credit_grant/direct.bad-no-customer": invalid("customerId"),
    "void_credit_grant/direct.bad-unknown-grant": not_found("CREDIT_GRANT_NOT_FOUND", "grantId"),
    "report_usage/api.licence-total": "reported",
    "report_usage/api.service-hours": "reported",
    "report_usage/direct.with-key": "reported",
    "report_usage/api.bad-no-record": invalid("salesforceRecordId"),
    "report_usage/api.bad-six-places": invalid("value"),
    "report_usage/direct.bad-unknown-feature": not_found("FEATURE_NOT_FOUND", "featureId"),
    "provision_opportunity/api.ends-removed-lines": "provisioned",
    "provision_opportunity/direct.ends-removed-lines-later": "provisioned",
    "provision_opportunity/api.ends-with-the-rest": "provisioned",
    "provision_opportunity/direct.bad-co-termination": invalid("lineItems[0].coTerminateWith"),
    "provision_opportunity/api.five-more-seats": "provisioned",
    "provision_opportunity/direct.without-an-addon": "provisioned",
    "provision_opportunity/direct.bad-quantity-mode": invalid("quantityMode"),
    "provision_opportunity/direct.bad-mixed-modes": invalid("lineItems[2].quantityMode"),
    "provision_opportunity/direct.bad-removed-end": invalid("removedCancelWhen"),
    "provision_opportunity/api.from-a-flow": "provisioned",
    "provision_opportunity/api.dry-run": "dryRun",
    "provision_opportunity/direct.dry-run-new-deal": "dryRun",
    "provision_opportunity/api.more-seats": "provisioned",
    "provision_opportunity/api.one-line-fails": "partial",
    "provision_opportunity/api.won-deal": "provisioned",
    "provision_opportunity/api.with-a-contract": "provisioned",
    "provision_opportunity/api.ramp": "provisioned",
    "provision_opportunity/direct.late-ramp": "provisioned",
    "provision_opportunity/direct.bad-gap-in-a-ramp": invalid("lineItems[2].startDate"),
    "provision_opportunity/direct.bad-contract-without-billing": invalid("contractSetupBilling"),
    "provision_opportunity/direct.applied-again": "provisioned",
    "provision_opportunity/direct.credits-as-grants": "provisioned",
    "provision_opportunity/api.discount-of-the-deal": "provisioned",
    "provision_opportunity/direct.discount-of-a-line": "provisioned",
    "provision_opportunity/direct.bad-discount-of-an-addon": invalid("lineItems[1].discountPercent"),
    "provision_opportunity/direct.bad-two-discounts": invalid("lineItems[0].discountAmount"),
    "provision_opportunity/api.trial-of-the-deal": "provisioned",
    "provision_opportunity/direct.proof-of-concept": "provisioned",
    "provision_opportunity/direct.bad-trial-that-is-over": invalid("trialEndDate"),
    "provision_opportunity/direct.bad-trial-without-behavior": invalid("lineItems[0].trialEndBehavior"),
    "provision_opportunity/direct.lines-as-text": "provisioned",
    "provision_opportunity/direct.one-line-sells-nothing": "partial",
    "provision_opportunity/direct.plan-with-addon": "provisioned",
    "provision_opportunity/api.bad-ambiguous-addon": invalid("lineItems[2].planLineItemId"),
    "provision_opportunity/api.bad-two-plans-of-one-product": invalid("lineItems[1].stiggId"),
    "provision_opportunity/direct.bad-addon-without-quantity": invalid("lineItems[1].quantity"),
    "provision_opportunity/direct.bad-fraction": invalid("lineItems[1].quantity"),
    "provision_opportunity/direct.bad-key": invalid("idempotencyKey"),
    "provision_opportunity/direct.bad-time-zone": invalid("timeZone"),
    "provision_opportunity/direct.bad-line-without-id": invalid("lineItems[0].salesforceLineItemId"),
    "provision_opportunity/direct.bad-past-end": invalid("endDate"),
    "provision_opportunity/direct.bad-price-of-no-yen": invalid("lineItems[0].unitPrice"),
    "provision_opportunity/direct.bad-reapply": invalid("reapply"),
    "provision_opportunity/direct.bad-unknown-subscription": invalid("lineItems[0].subscriptionId"),
    "provision_opportunity/direct.bad-without-billing-period": invalid("lineItems[0].billingPeriod"),
    "create_subscription_with_return_data/api.bad-another-customer": Refusal("Conflict", 409, "CUSTOMER_MISMATCH"),
    "update_subscription/api.late": "superseded",
    "trigger_workflow/api.live": "triggered",
    "trigger_workflow/api.payload-as-text": "triggered",
    "trigger_workflow/api.test": "triggered",
    "trigger_workflow/direct.slow": "triggered",
    "trigger_workflow/direct.with-key": "triggered",
    "trigger_workflow/direct.without-payload": "triggered",
    "trigger_workflow/api.bad-payload-text": invalid("payload"),
    "trigger_workflow/api.bad-unknown-trigger": not_found("WORKFLOW_NOT_FOUND"),
    "trigger_workflow/direct.bad-flag": invalid("isTest"),
    "trigger_workflow/direct.bad-control-character": invalid("payload.lines[0].note"),
    "trigger_workflow/direct.bad-payload-list": invalid("payload"),
    "trigger_workflow/direct.bad-trigger-missing": invalid("triggerId"),
}
OUTCOMES = {name: outcome for name, outcome in EXPECTED.items() if isinstance(outcome, str)}
REFUSALS = {name: refusal for name, refusal in EXPECTED.items() if isinstance(refusal, Refusal)}


def test_every_file_is_expected() -> None:
    """Each file has its line in the table above, and its name tells whether it is refused."""
    refused = {str(file).removesuffix(".json") for file in events() if file.is_refused}

    assert {str(file).removesuffix(".json") for file in events()} == EXPECTED.keys()
    assert refused == REFUSALS.keys()


@pytest.mark.parametrize("is_refused", [False, True])
def test_both_doors(*, is_refused: bool) -> None:
    """Each action has good and bad files for every door that it has, so that each file need only take its own."""
    names = REFUSALS if is_refused else OUTCOMES
    doors = {(file.action, file.caller) for file in map(event, names)}
    wanted = {(file.action, "direct") for file in events()} | {(action, "api") for action in routed()}

    assert doors == wanted


@pytest.mark.parametrize(("name", "outcome"), OUTCOMES.items())
def test_success(actions: Harness, name: str, outcome: str) -> None:
    """A good request succeeds with its outcome; through API Gateway under the caller's correlation id."""
    file = _prepared(actions, name)
    if file.caller == "direct":
        body = actions.invoke(file.action, json.loads(file.body))
    else:
        status, body = _through_the_api(actions, file)
        assert status == 200, body
        assert body["correlationId"] == _correlation_id(file, body)

    assert (body["success"], body["outcome"]) == (True, outcome), body
    assert answer_problems(file.action, 200, body) == []


@pytest.mark.parametrize(("name", "refusal"), REFUSALS.items())
def test_refusal(actions: Harness, name: str, refusal: Refusal) -> None:
    """A bad request has its error's status and names the field; a direct one raises its category with the envelope."""
    file = _prepared(actions, name)
    if file.caller == "direct":
        with pytest.raises(ActionError) as raised:
            actions.invoke(file.action, json.loads(file.body))
        assert type(raised.value).__name__ == refusal.category
        status, body = raised.value.http_status, json.loads(str(raised.value))
    else:
        status, body = _through_the_api(actions, file)

    assert status == refusal.status, body
    _assert_envelope(body, refusal)
    assert answer_problems(file.action, status, body) == []


@pytest.mark.parametrize("action", sorted(routed()))
def test_refusal_that_is_no_fault(actions: Harness, action: str) -> None:
    """With faultOnError false a refusal is an answer with 200, in the shape that is published for answers."""
    name = next(name for name, refusal in REFUSALS.items() if event(name).action == action and refusal.field != "body")
    file = _prepared(actions, name)
    reply = actions.post(action, {**json.loads(file.body), "faultOnError": False})

    assert reply.status == 200
    _assert_envelope(reply.body, REFUSALS[name])


def _prepared(actions: Harness, name: str) -> Event:
    """Return the file's event once the customer or subscription that it is about exists."""
    file = event(name)
    for action, request in file.earlier():
        actions.ok(action, request)
    file.arrange(actions.emulator)
    return file


def _through_the_api(actions: Harness, file: Event) -> tuple[int, dict[str, Any]]:
    answer = actions.invoke(file.action, file.content)
    return answer["statusCode"], json.loads(answer["body"])


def _correlation_id(file: Event, answered: dict[str, Any]) -> str:
    """Return the id that the answer must carry: the body's, the header's, or else the one that was made."""
    given = json.loads(file.body).get("correlationId") or file.content["headers"].get("X-Correlation-Id")
    return str(given or answered["correlationId"])


def _assert_envelope(body: dict[str, Any], refusal: Refusal) -> None:
    fields = [detail["field"] for detail in body["details"]]

    assert (body["success"], body["errorCode"], body["retryable"]) == (False, refusal.code, False), body
    assert body["errorMessage"].startswith(f"{refusal.code}: ")
    assert fields == ([refusal.field] if refusal.field else []), body

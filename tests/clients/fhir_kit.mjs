// A scenario of fhir-kit-client against the server whose base URL is given; each step that holds is printed.
import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';

const baseUrl = process.argv[2];
const client = new Client({ baseUrl });
const SYSTEM = 'http://hl7.org/fhir/sid/icd-10-cm';
const NAME = 'myositis-ossificans-traumatica';
const step = (name) => console.log(name);
const value = (parameters, name) => {
  const row = parameters.parameter.find((each) => each.name === name);
  return Object.entries(row).find(([key]) => key.startsWith('value'))[1];
};

const metadata = await client.capabilityStatement();
assert.equal(metadata.resourceType, 'CapabilityStatement');
assert.equal(metadata.fhirVersion, '4.0.1');
step('metadata');

const found = await client.search({ resourceType: 'Composition', searchParams: { code: `${SYSTEM}|M61.051` } });
assert.equal(found.type, 'searchset');
assert.ok(found.entry.some((entry) => entry.resource.id === NAME));
const posted = await client.search({
  resourceType: 'Composition',
  searchParams: { code: `${SYSTEM}|M61.051` },
  options: { postSearch: true },
});
assert.deepEqual(posted.entry, found.entry);
step('search by code');

const read = await client.read({ resourceType: 'Composition', id: NAME });
assert.equal(read.id, NAME);
const version = await client.vread({ resourceType: 'Composition', id: NAME, version: read.meta.versionId });
assert.deepEqual(version, read);
const history = await client.history({ resourceType: 'Composition', id: NAME });
assert.equal(history.type, 'history');
step('read');

const lookup = await client.operation({
  name: 'lookup',
  resourceType: 'CodeSystem',
  method: 'GET',
  input: { system: SYSTEM, code: 'M61.051' },
});
assert.equal(value(lookup, 'display'), 'Myositis ossificans traumatica, right thigh');
step('lookup');

const expansion = await client.operation({
  name: 'expand',
  resourceType: 'ValueSet',
  method: 'GET',
  input: { url: `${SYSTEM}?fhir_vs=isa/M61`, count: 10 },
});
assert.equal(expansion.expansion.total, 203);
assert.equal(expansion.expansion.contains.length, 10);
step('expand');

const validated = await client.operation({
  name: 'validate-code',
  resourceType: 'ValueSet',
  input: {
    resourceType: 'Parameters',
    parameter: [
      { name: 'url', valueUri: `${SYSTEM}?fhir_vs=isa/M61` },
      { name: 'coding', valueCoding: { system: SYSTEM, code: 'E86.0' } },
    ],
  },
});
assert.equal(value(validated, 'result'), false);
step('validate-code');

const ids = [];
let page = await client.search({ resourceType: 'Library', searchParams: { _count: 2, _sort: '_id' } });
const { total } = page;
while (page) {
  ids.push(...page.entry.map((entry) => entry.resource.id));
  page = page.link.some((link) => link.relation === 'next') ? await client.nextPage({ bundle: page }) : undefined;
}
assert.equal(new Set(ids).size, total);
assert.deepEqual(ids, [...ids].sort());
step('paging');

await assert.rejects(client.read({ resourceType: 'Composition', id: 'nobody' }), (error) => {
  assert.equal(error.response.status, 404);
  assert.equal(error.response.data.resourceType, 'OperationOutcome');
  return true;
});
step('errors');

const batch = await client.batch({
  body: {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: `Composition/${NAME}` } },
      { request: { method: 'GET', url: 'Composition/nobody' } },
    ],
  },
});
assert.deepEqual(batch.entry.map((entry) => entry.response.status.slice(0, 3)), ['200', '404']);
step('batch');

// It asks for .well-known/smart-configuration first and for the CapabilityStatement then.
assert.equal((await client.smartAuthMetadata()).tokenUrl, undefined);
step('no authorization server');

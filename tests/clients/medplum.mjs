// A scenario of @medplum/core against the server whose base URL is given; each step that holds is printed.
import assert from 'node:assert/strict';
import { MedplumClient } from '@medplum/core';

const [, origin, path] = /^(https?:\/\/[^/]+\/)(.*)$/.exec(process.argv[2]);
const medplum = new MedplumClient({ baseUrl: origin, fhirUrlPath: path, cacheTime: 0 });
const SYSTEM = 'http://hl7.org/fhir/sid/icd-10-cm';
const NAME = 'myositis-ossificans-traumatica';
const step = (name) => console.log(name);
const value = (parameters, name) => {
  const row = parameters.parameter.find((each) => each.name === name);
  return Object.entries(row).find(([key]) => key.startsWith('value'))[1];
};

const metadata = await medplum.get(medplum.fhirUrl('metadata'));
assert.equal(metadata.resourceType, 'CapabilityStatement');
step('metadata');

const found = await medplum.search('Composition', { code: `${SYSTEM}|M61.051` });
assert.ok(found.entry.some((entry) => entry.resource.id === NAME));
const one = await medplum.searchOne('ValueSet', `url=https://icdref.example.org/fhir/ValueSet/${NAME}-codes`);
assert.equal(one.id, `${NAME}-codes`);
const versioned = await medplum.searchOne('ValueSet', `url=${one.url}|${one.version}`);
assert.equal(versioned.id, one.id);
step('search by code');

const read = await medplum.readResource('Composition', NAME);
assert.equal(read.id, NAME);
assert.deepEqual(await medplum.readVersion('Composition', NAME, read.meta.versionId), read);
assert.equal((await medplum.readHistory('Composition', NAME)).type, 'history');
step('read');

const lookup = await medplum.get(medplum.fhirUrl('CodeSystem', '$lookup').href + `?system=${SYSTEM}&code=M61.051`);
assert.equal(value(lookup, 'display'), 'Myositis ossificans traumatica, right thigh');
step('lookup');

const expansion = await medplum.valueSetExpand({ url: `${SYSTEM}?fhir_vs`, filter: 'myositis ossificans', count: 5 });
assert.ok(expansion.expansion.total > 5);
assert.equal(expansion.expansion.contains.length, 5);
step('expand');

const validated = await medplum.post(medplum.fhirUrl('CodeSystem', '$validate-code'), {
  resourceType: 'Parameters',
  parameter: [{ name: 'coding', valueCoding: { system: SYSTEM, code: 'M61.9X' } }],
});
assert.equal(value(validated, 'result'), false);
step('validate-code');

const ids = [];
for await (const page of medplum.searchResourcePages('Library', { _count: '2', _sort: '_id' })) {
  ids.push(...page.map((each) => each.id));
}
assert.equal(new Set(ids).size, (await medplum.search('Library', { _summary: 'count' })).total);
step('paging');

await assert.rejects(medplum.readResource('Composition', 'nobody'), (error) => {
  assert.equal(error.outcome.resourceType, 'OperationOutcome');
  assert.match(error.message, /nobody/);
  return true;
});
step('errors');

const batch = await medplum.executeBatch({
  resourceType: 'Bundle',
  type: 'batch',
  entry: [
    { request: { method: 'GET', url: `Composition/${NAME}` } },
    { request: { method: 'GET', url: 'Composition/nobody' } },
  ],
});
assert.deepEqual(batch.entry.map((entry) => entry.response.status.slice(0, 3)), ['200', '404']);
step('batch');

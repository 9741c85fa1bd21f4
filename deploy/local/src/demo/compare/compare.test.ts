import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareSides } from './compare-sides.ts';
import type { Row } from './row.ts';
import { readSide, type Side } from './side.ts';
import { typedAttributes } from './typed-attributes.ts';

function row(id: number, changes: Partial<Row> = {}): Row {
  return {
    id,
    serverId: (id % 400) + 1,
    monitorId: id % 7 === 0 ? null : 3,
    tsUs: 1_790_000_000_000_000 + id,
    score: 20 - (id % 13) / 3,
    step: 1,
    offset: id / 1e6,
    rtt: 2_000,
    ...typedAttributes('{"leap":1}'),
    attributes: '{"leap":1}',
    extra: [],
    ...changes,
  };
}

const IDS = Array.from({ length: 2_000 }, (_, index) => index * 3 + 1);

function side(name: string, rows: readonly Row[]): Promise<Side> {
  return readSide(name, async (visit) => {
    for (const one of rows) visit(one, () => 'somewhere');
  });
}

async function against(rows: readonly Row[]): Promise<Awaited<ReturnType<typeof compareSides>>> {
  const truth = await side(
    'MySQL',
    IDS.map((id) => row(id)),
  );
  return compareSides(truth, [await side('copy', rows)]);
}

test('the same rows in another order are identical, with the same hash', async () => {
  const { identical, lines } = await against(IDS.toReversed().map((id) => row(id)));
  assert.equal(identical, true);
  assert.equal(lines.at(-1), 'identical');
  const [first, second] = lines.slice(1, 3).map((line) => /[0-9a-f]{32}/.exec(line)?.[0]);
  assert.ok(first);
  assert.equal(first, second);
});

test('ids spread over more than 48 bits sort as well', async () => {
  const far = [2 ** 53 - 1, 1, 2 ** 48 + 1, 65_536, 2 ** 32].map((id) => row(id));
  const truth = await side('MySQL', far);
  assert.equal((await compareSides(truth, [await side('copy', far.toReversed())])).identical, true);
});

test('a missing row is named, with its content', async () => {
  const { identical, lines, differences } = await against(
    IDS.filter((id) => id !== 301).map((id) => row(id)),
  );
  assert.equal(identical, false);
  assert.deepEqual(differences['copy']?.missing, { count: 1, first: [301] });
  assert.ok(lines.some((line) => line.startsWith('  MySQL somewhere: id=301 ')));
  assert.equal(lines.at(-1), 'NOT identical');
});

test('a doubled row is named, and a doubled row with another content is named twice', async () => {
  const twice = [...IDS, 301, 304].map((id) => row(id));
  const { differences } = await against([...twice.slice(0, -1), row(304, { rtt: 2_001 })]);
  assert.deepEqual(differences['copy']?.doubled, { count: 2, first: [301, 304] });
  assert.deepEqual(differences['copy']?.differing, { count: 1, first: [304] });
});

test('a row that MySQL does not have is named', async () => {
  const { differences } = await against([...IDS, 2].map((id) => row(id)));
  assert.deepEqual(differences['copy']?.extra, { count: 1, first: [2] });
});

test('a loss and a double at once do not cancel each other', async () => {
  const ids = [...IDS.filter((id) => id !== 301), 304];
  const { differences } = await against(ids.map((id) => row(id)));
  assert.equal(differences['copy']?.missing.count, 1);
  assert.equal(differences['copy']?.doubled.count, 1);
});

test('many differences are counted, and ten are shown', async () => {
  const { differences } = await against(IDS.slice(0, 500).map((id) => row(id)));
  assert.equal(differences['copy']?.missing.count, 1_500);
  assert.equal(differences['copy']?.missing.first.length, 10);
});

for (const [what, changes] of Object.entries({
  'the last bit of a double': { score: 20 - (301 % 13) / 3 + 2 ** -48 },
  'the sign of a zero': { step: -0 },
  'a null that became 0': { monitorId: 0 },
  'a microsecond': { tsUs: 1_790_000_000_000_302 },
  'an empty string for null': { warning: '' },
  'a space in the attributes': { attributes: '{"leap": 1}' },
  'a column more': { extra: [['mood', 'good']] },
} satisfies Record<string, Partial<Row>>)) {
  test(`${what} is a difference`, async () => {
    const truth = await side('MySQL', [row(301, 'step' in changes ? { step: 0 } : {})]);
    const { differences, lines } = await compareSides(truth, [
      await side('copy', [row(301, changes)]),
    ]);
    assert.deepEqual(differences['copy']?.differing, { count: 1, first: [301] });
    assert.equal(lines.filter((line) => line.includes('id=301')).length, 2, 'both rows are shown');
  });
}

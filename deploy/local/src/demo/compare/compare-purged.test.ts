import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comparePurged, type PurgedSides } from './compare-purged.ts';
import { purgedIds } from './purge-records.ts';
import type { Row } from './row.ts';
import { readSide, type Side } from './side.ts';
import { typedAttributes } from './typed-attributes.ts';

function row(id: number, score = 20): Row {
  return {
    id,
    serverId: 7,
    monitorId: 3,
    tsUs: 1_790_000_000_000_000 + id,
    score,
    step: 1,
    offset: null,
    rtt: null,
    ...typedAttributes(null),
    attributes: null,
    extra: [],
  };
}

function side(name: string, rows: readonly Row[]): Promise<Side> {
  return readSide(name, async (visit) => {
    for (const one of rows) visit(one, () => '');
  });
}

interface Case {
  readonly after?: readonly Row[];
  readonly recorded?: readonly number[];
  readonly files?: readonly Row[];
}

const BEFORE = [1, 2, 3, 4].map((id) => row(id));

/** 1 and 3 are purged as they may be, but for what a case says otherwise. */
async function purged({
  after = [row(2), row(4)],
  recorded = [3, 1],
  files = BEFORE,
}: Case): Promise<PurgedSides> {
  return {
    before: await side('MySQL before', BEFORE),
    after: await side('MySQL now', after),
    recorded,
    archives: [await side('ClickHouse', BEFORE), await side('files', files)],
  };
}

test('rows that left, are recorded once and are in every archive are accounted for', async () => {
  const { isAccountedFor, left, lines } = await comparePurged(await purged({}));
  assert.equal(isAccountedFor, true);
  assert.equal(left, 2);
  assert.deepEqual(
    lines.slice(1).map((line) => line.slice(0, 37).trimEnd()),
    [
      'MySQL before          4             4',
      'MySQL now             2             2',
      'purge log             2             2',
      'ClickHouse            4             4',
      'files                 4             4',
      '',
      'purged: 2 rows have left MySQL, each',
    ],
  );
  assert.match(lines.at(-1) ?? '', /is recorded once, and is in ClickHouse and files as it was$/);
});

test('a purge that found nothing to delete leaves everything where it was', async () => {
  const sides = await purged({ after: BEFORE, recorded: [] });
  const { isAccountedFor, left } = await comparePurged(sides);
  assert.deepEqual([isAccountedFor, left], [true, 0]);
});

for (const [what, wrong, says] of [
  ['left without a record', { recorded: [1] }, /^1 left MySQL without a record of the purge: 3$/],
  [
    'is recorded and still there',
    { recorded: [1, 2, 3] },
    /^1 are recorded .* did not leave.*: 2$/,
  ],
  ['is recorded and was never there', { recorded: [1, 3, 9] }, /^1 are recorded .* did not .*: 9$/],
  ['is recorded twice', { recorded: [1, 3, 3] }, /^1 are recorded as purged more than once: 3$/],
  ['is missing in one archive', { files: BEFORE.slice(1) }, /^1 missing in files:$/],
  [
    'is another in one archive',
    { files: [row(1, 19), ...BEFORE.slice(1)] },
    /^1 different in files:$/,
  ],
  ['is twice in one archive', { files: [row(1), ...BEFORE] }, /^1 more than once in files:$/],
  ['stayed and is another', { after: [row(2, 19), row(4)] }, /^1 different in MySQL now:$/],
  [
    'came meanwhile',
    { after: [row(2), row(4), row(5)] },
    /^1 in MySQL now that MySQL before does not/,
  ],
] as const satisfies readonly (readonly [string, Case, RegExp])[]) {
  test(`a row that ${what} is named`, async () => {
    const { isAccountedFor, lines } = await comparePurged(await purged(wrong));
    assert.equal(isAccountedFor, false);
    assert.equal(lines.filter((line) => says.test(line)).length, 1, lines.join('\n'));
    assert.equal(lines.at(-1), 'NOT every row that was in MySQL is accounted for');
  });
}

test('what is done or resolved is gone, and what was only intended is not', () => {
  const ids = ['5', '7-9'];
  const record = (kind: string): string => JSON.stringify({ v: 1, kind, ids });
  assert.deepEqual(purgedIds(record('done')), [5, 7, 8, 9]);
  assert.deepEqual(purgedIds(record('resolved')), [5, 7, 8, 9]);
  assert.deepEqual(purgedIds(record('intent')), []);
});

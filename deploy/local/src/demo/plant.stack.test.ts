import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  type Comparison,
  compareSides,
  type Differences,
  readClickhouseSide,
  readMysqlSide,
  readTopicSide,
} from './compare/index.ts';
import type { Plant } from './options.ts';
import { plant } from './plant.ts';
import { type Copies, makeCopies } from './testing/copies.ts';

async function compareCopies(copies: Copies): Promise<Comparison> {
  const { dsn, brokers, registryUrl, topic, clickhouseUrl, database } = copies;
  return compareSides(await readMysqlSide({ dsn }), [
    await readTopicSide({ brokers, registryUrl, topic }),
    await readClickhouseSide({ url: clickhouseUrl, database }),
  ]);
}

test('copies of realistic rows are identical on all three sides, aborted records aside', async (t) => {
  const copies = await makeCopies(t, 20_000);
  if (copies === null) return;
  const { identical, lines } = await compareCopies(copies);
  assert.ok(identical, lines.join('\n'));
  assert.equal(lines.filter((line) => line.includes('20,000        20,000')).length, 3);
});

/** What the comparison must say of each damage. */
const DAMAGES: readonly (readonly [Plant, (keyof Differences)[]])[] = [
  [{ damage: 'drop', place: 'clickhouse' }, ['missing']],
  [{ damage: 'dup', place: 'clickhouse' }, ['doubled']],
  [{ damage: 'flip', place: 'clickhouse' }, ['differing']],
  [{ damage: 'drop', place: 'topic' }, ['missing']],
  [{ damage: 'dup', place: 'topic' }, ['doubled']],
  [{ damage: 'flip', place: 'topic' }, ['doubled', 'differing']],
];

for (const [damage, expected] of DAMAGES) {
  test(`one row: ${damage.damage} in ${damage.place} is found, there and nowhere else`, async (t) => {
    const copies = await makeCopies(t, 600);
    if (copies === null) return;
    await plant(damage, { ...copies, files: '' });
    const { identical, lines, differences } = await compareCopies(copies);
    assert.equal(identical, false);
    assert.equal(lines.at(-1), 'NOT identical');
    const [name, other] =
      damage.place === 'topic' ? ['topic', 'ClickHouse'] : ['ClickHouse', 'topic'];
    for (const kind of ['missing', 'extra', 'doubled', 'differing'] as const) {
      const found = differences[name]?.[kind].count;
      assert.equal(found, expected.includes(kind) ? 1 : 0, `${kind}: ${lines.join('\n')}`);
      assert.equal(differences[other]?.[kind].count, 0);
    }
  });
}

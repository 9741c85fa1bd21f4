import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { folderFiles } from './compare/folder-files.ts';
import { compareSides, type Differences, readAvroSide } from './compare/index.ts';
import { container, range } from './compare/testing/container.ts';
import type { Plant } from './options.ts';
import { plantInFiles } from './plant-in-files.ts';

const DAMAGES: readonly (readonly [Plant['damage'], keyof Differences])[] = [
  ['drop', 'missing'],
  ['dup', 'doubled'],
  ['flip', 'differing'],
];

for (const [damage, kind] of DAMAGES) {
  test(`one row: ${damage} in files is found, and nothing else`, async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'plant-'));
    t.after(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, 'a.avro'), await container(range(1, 40)));
    await writeFile(join(dir, 'b.avro'), await container(range(40, 60)));
    const before = await readAvroSide('MySQL', folderFiles(dir));
    assert.match(await plantInFiles(damage, dir), /row 1 in a\.avro$/);
    const { differences } = await compareSides(before, [
      await readAvroSide('files', folderFiles(dir)),
    ]);
    const { files } = differences;
    assert.deepEqual(files?.[kind], { count: 1, first: [1] });
    const counts = Object.values(files ?? {}) as { count: number }[];
    assert.equal(
      counts.reduce((sum, { count }) => sum + count, 0),
      1,
    );
  });
}

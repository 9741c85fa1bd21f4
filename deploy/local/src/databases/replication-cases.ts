import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';

import { needServer } from '@scoreline/testing';

import type { Database, DatabaseOptions } from './database.ts';
import { Databases } from './databases.ts';

type Options = Omit<DatabaseOptions, 'dir'>;

/** What a database of a test's own promises, with every kind of replication. */
export function replicationCases(name: string, options: Options): void {
  const servers = new Databases();
  after(() => servers.destroy());
  let started: ReturnType<Databases['pair']> | undefined;
  const pair = (t: TestContext): ReturnType<Databases['pair']> | null => {
    if (needServer(t, options.flavour) === '') return null;
    return (started ??= servers.pair(options));
  };

  test(`${name}: a replica has what its primary has, also in its binlog, and only reads`, async (t) => {
    const made = await pair(t);
    if (made === null) return;
    const { primary, replica } = made;
    await primary.run('CREATE TABLE kept (id INT PRIMARY KEY)', 'INSERT INTO kept VALUES (1)');
    await replica.caughtUp();
    assert.deepEqual(await ids(replica), [1]);
    const { file } = await replica.position();
    const events = await replica.run(`SHOW BINLOG EVENTS IN '${file}'`);
    const writers = new Set(events.map((event) => event['Server_id']));
    assert.equal(writers.size, 2, "its own, such as the beginning of the file, and the primary's");
    const [row] = await replica.run('SELECT @@GLOBAL.read_only AS value');
    assert.equal(row?.['value'], 1);
  });

  test(`${name}: no other server's start deletes its temporary files`, async (t) => {
    const made = await pair(t);
    if (made === null) return;
    for (const database of [made.primary, made.replica]) {
      const [row] = await database.run('SELECT @@tmpdir AS folder');
      assert.equal(row?.['folder'], join(database.dir, 'tmp'));
    }
  });

  test(`${name}: a replica that was killed goes on; one that receives nothing says so`, async (t) => {
    const made = await pair(t);
    if (made === null) return;
    const { primary, replica } = made;
    await replica.kill();
    await primary.run('INSERT INTO kept VALUES (2)');
    await replica.start();
    await replica.caughtUp();
    await replica.stopReceiving();
    await primary.run('INSERT INTO kept VALUES (3)');
    await assert.rejects(
      replica.caughtUp(1),
      /is not at binlog\.\d+:\d+ of its primary: not after 1 s/,
    );
    assert.deepEqual(await ids(replica), [1, 2]);
    await replica.startReceiving();
    await replica.caughtUp();
    assert.deepEqual(await ids(replica), [1, 2, 3]);
  });

  test(`${name}: purged binlogs are gone, and a restored snapshot is an earlier state`, async (t) => {
    const made = await pair(t);
    if (made === null) return;
    const { primary, replica } = made;
    await replica.stopReceiving();
    await primary.stop();
    const snapshot = await primary.snapshot();
    await primary.start();
    const before = await primary.position();
    await primary.run('INSERT INTO kept VALUES (4)');
    assert.ok((await primary.binlogs()).length > 1);
    await primary.purgeBinlogs();
    assert.equal((await primary.binlogs()).length, 1);

    await assert.rejects(primary.restore(snapshot), /must be stopped/);
    await primary.stop();
    await primary.restore(snapshot);
    await primary.start();
    assert.deepEqual(await ids(primary), [1, 2, 3]);
    assert.deepEqual(
      await primary.position(),
      before,
      'the same position as after the first start',
    );
    assert.ok((await primary.binlogs()).length > 1);
  });

  test(`${name}: a promoted replica is written to, and the old primary may follow it`, async (t) => {
    const made = await pair(t);
    if (made === null) return;
    const { primary, replica } = made;
    await replica.startReceiving();
    await replica.caughtUp();
    const end = await replica.position();
    await replica.promote();
    await assert.rejects(replica.caughtUp(), /is no replica/);
    await replica.run('INSERT INTO kept VALUES (5)');
    await primary.replicateFrom(replica, end);
    await primary.caughtUp();
    assert.deepEqual(await ids(primary), [1, 2, 3, 5]);
  });
}

async function ids(database: Database): Promise<number[]> {
  return (await database.run('SELECT id FROM kept ORDER BY id')).map((row) => Number(row['id']));
}

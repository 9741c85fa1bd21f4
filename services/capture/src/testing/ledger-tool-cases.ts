import assert from 'node:assert/strict';
import { test } from 'node:test';

import { setup, type Setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

/** What stands below a title. */
function examples(lines: readonly string[], title: RegExp): string[] {
  const at = lines.findIndex((line) => title.test(line));
  if (at < 0) return [];
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => !line.startsWith('  '));
  return rest.slice(0, end < 0 ? rest.length : end).map((line) => line.trim());
}

async function equal(made: Setup): Promise<void> {
  const { code, lines, errors } = await made.act('verify-ledger');
  assert.equal(lines.at(-1), 'EQUAL', [...lines, errors].join('\n'));
  assert.equal(code, 0);
}

async function refused(made: Setup, action: string, why: RegExp): Promise<void> {
  const { code, lines, errors } = await made.act(action);
  assert.equal(code, 1, [...lines, errors].join('\n'));
  assert.match(errors, why);
}

export function ledgerToolCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(on('a ledger and its topic are equal, also while capture publishes'), async (t) => {
    const made = await setup(t, server, { initial: 'all' });
    if (made === null) return;
    const { source, topic, start, act } = made;
    await source.createTable();
    await source.insert(500);
    await refused(made, 'verify-ledger', /there is no topic/);
    const capture = await start().ready();
    await topic.read(500);
    await equal(made);

    const over = new AbortController();
    let inserted = 0;
    const traffic = (async () => {
      while (!over.signal.aborted) {
        await source.insert(10);
        inserted += 10;
      }
    })();
    try {
      for (let round = 0; round < 3; round++) await equal(made);
    } finally {
      over.abort();
      await traffic;
    }
    assert.ok(inserted > 1_000, `${inserted} rows of traffic`);
    await topic.assertHolds(await source.ids());
    await capture.stop();
    await equal(made);

    // Nothing below a topic's start can be compared.
    const [log] = await topic.admin.fetchTopicOffsets(topic.topic);
    const offset = Number(log!.low) + 10;
    assert.ok(Number(log!.high) > offset);
    await topic.admin.deleteTopicRecords({
      topic: topic.topic,
      partitions: [{ partition: log!.partition, offset: String(offset) }],
    });
    const { code, lines } = await act('verify-ledger');
    assert.equal(code, 0, lines.join('\n'));
    assert.ok(lines.some((line) => line.startsWith('1 buckets have rows below the start')));
  });

  test(on('what a topic and its ledger do not agree on is told, with where it is'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start, act } = made;
    await source.createTable();
    const capture = await start().ready();
    await source.insert(100);
    await topic.read(100);
    await capture.stop();
    await equal(made);

    const ids = await source.ids();
    // Of the same server, and so behind the first in one partition: the second is the one that is told.
    const repeated = await topic.append(ids[3]!, 4);
    const strange = await topic.append(90_000_000, 8);
    const garbage = await topic.appendGarbage();
    await topic.plantIds([70_000_000]);
    const { code, lines } = await act('verify-ledger');
    assert.equal(code, 1);
    assert.equal(lines.at(-1), 'DIFFERENT');
    const at = ({ partition, offset }: typeof repeated): string =>
      `${topic.topic}[${partition}] offset ${offset}`;
    assert.deepEqual(examples(lines, /^ids in the topic more than once: 1$/), [
      `id ${ids[3]} again at ${at(repeated)}`,
    ]);
    assert.deepEqual(examples(lines, /^ids in the topic and not in the ledger: 1$/), [
      `id 90000000 at ${at(strange)}`,
    ]);
    assert.deepEqual(examples(lines, /^ids in the ledger and not in the topic: 1$/), [
      'id 70000000: bucket 1068 has rows at no offsets',
    ]);
    assert.match(examples(lines, /^records in the topic that are no rows: 1$/)[0] ?? '', /wire/);
    assert.ok(examples(lines, /no rows: 1$/)[0]?.startsWith(at(garbage)));
    const [outside = '', ...more] = examples(lines, /^rows outside of the offsets/);
    assert.ok(outside.startsWith(`id ${ids[3]} at ${at(repeated)}: bucket 0`), outside);
    assert.deepEqual(more, []);

    const good = await topic.checkpoint();
    const ends = good.topicEnds[topic.topic]!.map((end) => end + 1_000);
    await topic.plant({ ...good, topicEnds: { [topic.topic]: ends } });
    const short = await act('verify-ledger');
    assert.equal(short.code, 1);
    assert.ok(examples(short.lines, /^partitions that end below/).length >= 1);
  });

  test(
    on('a ledger that was deleted is made anew from the topic, and nothing comes twice'),
    async (t) => {
      const made = await setup(t, server, { initial: 'all' });
      if (made === null) return;
      const { source, topic, start, act } = made;
      await source.createTable();
      await source.insert(300);
      // Several buckets, and one far from the others.
      await source.admin.query('ALTER TABLE log_scores AUTO_INCREMENT = 200000');
      await source.insert(300);
      const capture = await start().ready();
      await source.insert(300);
      await topic.read(900);
      const { ledgerUuid } = await topic.checkpoint();
      await capture.stop();
      await refused(made, 'rebuild-ledger', /has a checkpoint, of ledger/);

      await topic.admin.deleteTopics({ topics: [topic.ledger] });
      await source.insert(50);
      const lost = start();
      assert.equal(await lost.exited(), 1);
      assert.equal(lost.failure?.code, 'ledger-missing', lost.said);
      // What an attempt that was killed before its checkpoint has left.
      await topic.plantBuckets([1, 2, 3]);
      const { code, lines, errors } = await act('rebuild-ledger', { ledger_uuid: ledgerUuid });
      assert.equal(code, 0, [...lines, errors].join('\n'));
      assert.ok(lines.some((line) => line.includes('900 rows, ids 1 to')));
      await equal(made);
      assert.equal((await topic.checkpoint()).ledgerUuid, ledgerUuid);

      const again = await start().ready();
      await source.insert(50);
      await topic.assertHolds(await source.ids());
      await again.stop();
      await equal(made);
    },
  );

  test(on('no ledger is made beside a capture, nor from half a topic'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start, act } = made;
    await source.createTable();
    await refused(made, 'rebuild-ledger', /there is no topic/);
    const capture = await start().ready();
    await source.insert(100);
    await topic.read(100);
    // It has its turn when the capture is gone, and not before.
    const waited = await act('rebuild-ledger', {}, (line) => {
      if (line.startsWith('waiting for the lock')) void capture.stop();
    });
    assert.equal(waited.code, 1);
    assert.equal(capture.isRunning, false);
    assert.match(waited.errors, /has a checkpoint/);

    await topic.admin.deleteTopics({ topics: [topic.ledger] });
    const [first] = await source.ids();
    await topic.append(first!, 7);
    await refused(made, 'rebuild-ledger', /1 rows whose ids it has already: id 1 at/);
    await topic.admin.fetchTopicOffsets(topic.topic);
    await topic.admin.deleteTopicRecords({
      topic: topic.topic,
      partitions: [{ partition: 0, offset: '1' }],
    });
    await refused(made, 'rebuild-ledger', /is not complete: \[0\] begins at 1/);
  });

  test(
    on('a table whose newest rows are others is not taken for the one that was captured'),
    async (t) => {
      const made = await setup(t, server, { initial: 'all' });
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      await source.insert(400);
      const capture = await start().ready();
      await source.insert(100);
      await topic.read(500);
      await capture.stop();
      const gone = async (): Promise<void> => {
        const good = await topic.checkpoint();
        const file = good.position.file.replace(/\d+$/, '000000');
        await topic.plant({ ...good, position: { file, offset: 500 }, event: null, gtidSet: '' });
      };

      // Rows that were deleted prove nothing, and those that are left are the same.
      await source.admin.query('DELETE FROM log_scores WHERE id BETWEEN 100 AND 300');
      await source.insert(20);
      await gone();
      const same = await start().ready();
      const expected = Array.from({ length: 520 }, (_, i) => i + 1);
      await topic.assertHolds(expected);
      assert.ok(
        same.lines.some(({ msg }) => msg.includes('the same in the table')),
        same.said,
      );
      await same.stop();

      await source.admin.query('DELETE FROM log_scores WHERE id > 510');
      await source.admin.query(
        `INSERT INTO log_scores (id, monitor_id, server_id, ts, score, step, attributes)
       VALUES (515, 1, 1, '2025-11-22 12:00:00', -5, 1, NULL)`,
      );
      await gone();
      const other = start();
      assert.equal(await other.exited(), 1, other.said);
      assert.equal(other.failure?.code, 'source-rewound', other.said);
      assert.match(
        other.failure.message,
        /1 differ\. The first is id 515, captured as .*"score":20.*now: .*"score":-5/,
      );

      await source.admin.query('RENAME TABLE log_scores TO old');
      await source.createTable();
      await source.admin.query('INSERT INTO log_scores SELECT * FROM old WHERE id <= 50');
      const rewound = start();
      assert.equal(await rewound.exited(), 1, rewound.said);
      assert.equal(rewound.failure?.code, 'source-rewound', rewound.said);
      assert.match(rewound.failure.message, /its next id is \d+, and id 520 is captured already/);
      assert.equal((await topic.read(520)).length, 520, 'nothing was published');
    },
  );
}

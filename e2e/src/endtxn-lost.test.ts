import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { startTraffic } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { faultLine } from './faults/fault-line.ts';
import { LOST_ANSWERS } from './faults/lost-answers.ts';
import { faultOf, type Kind } from './faults/publisher-code.ts';
import { logRecord, logRecords } from './harness/log-record.ts';
import { ownDatabase, ownTable } from './harness/own-table.ts';
import { Pipeline, TO_TOPIC } from './harness/pipeline.ts';

const HELD = 20_000;
const ROWS_PER_S = 500;
const TABLE: Kind = 'rows of the table';

describe('a capture that does not hear whether it has committed asks the ledger, without a restart:', () => {
  const pipeline = new Pipeline({ servers: TO_TOPIC, settings: { linger: '5ms' } });
  before(() => pipeline.start(), { timeout: 180_000 });
  after(() => pipeline.destroy());

  for (const [index, { what, kind, damage, isCommitted }] of LOST_ANSWERS.entries()) {
    test(`${what}, with ${kind}`, { timeout: 180_000 }, async (t) => {
      const own = ownDatabase(pipeline, `lost_${index}`);
      await ownTable(own, HELD);
      const prefix = `lost-${index}.`;
      const settings = { topic_prefix: prefix, DATABASE_DSN: own.dsn };
      const capture = pipeline.capture(damage.name, settings);
      await capture.start(damage);
      const traffic = startTraffic(own.adminDsn, { rate: ROWS_PER_S, seed: index + 1, rows: null });
      t.after(() => traffic.stop());
      const ended = await until(
        () => logRecord(capture.output, 'the session has ended; beginning again')?.err,
        { what: 'the end of the session', timeoutMs: 60_000 },
      );
      const atStake = faultOf(capture.output, damage);
      assert.ok(atStake, capture.output);
      assert.match(ended.message, /committing a transaction failed/);

      const found = await until(() => wentOnFrom(capture.output, kind), {
        what: 'another session',
        timeoutMs: 60_000,
      });
      const isThere = isDeepStrictEqual(found, atStake[kind === TABLE ? 'published' : 'position']);
      assert.equal(isThere, isCommitted, capture.output);

      await capture.ready();
      await traffic.stop();
      assert.ok(capture.running, capture.output);
      const comparison = await pipeline.settleTopic(capture, { prefix, dsn: own.adminDsn });
      assert.ok(comparison.identical, comparison.lines.join('\n'));
      const fired = `${ended.message}; the transaction is ${isThere ? '' : 'not '}committed`;
      t.diagnostic(faultLine({ name: damage.name, outcome: 'goes on', fired, comparison }));
    });
  }
});

/** What the next session found in the ledger: the stream's position, or how many rows of the table are out. */
function wentOnFrom(output: string, kind: Kind): unknown {
  return kind === TABLE
    ? logRecords(output, 'reconciling: reading the table')[1]?.['published']
    : logRecord(output, 'going on from the checkpoint')?.['position'];
}

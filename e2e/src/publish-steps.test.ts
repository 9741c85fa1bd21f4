import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startTraffic } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { DEATHS } from './faults/deaths.ts';
import { faultLine } from './faults/fault-line.ts';
import { faultOf } from './faults/publisher-code.ts';
import { ownDatabase, ownTable } from './harness/own-table.ts';
import { Pipeline, TO_TOPIC } from './harness/pipeline.ts';

/** In the table before each ledger begins: some chunks of reconcile. */
const HELD = 20_000;
const ROWS_PER_S = 500;

describe('a capture killed at a step of its transaction goes on, and no row is lost or repeated:', () => {
  const pipeline = new Pipeline({ servers: TO_TOPIC, settings: { linger: '5ms' } });
  before(() => pipeline.start(), { timeout: 180_000 });
  after(() => pipeline.destroy());

  for (const [index, { step, kind, leaves, damage }] of DEATHS.entries()) {
    test(`${step}, in a transaction with ${kind}`, { timeout: 180_000 }, async (t) => {
      // Table, ledger and topic of its own, on servers that all share.
      const own = ownDatabase(pipeline, `death_${index}`);
      await ownTable(own, HELD);
      const prefix = `death-${index}.`;
      const settings = { topic_prefix: prefix, DATABASE_DSN: own.dsn };
      const capture = pipeline.capture(damage.name, settings);
      const traffic = startTraffic(own.adminDsn, { rate: ROWS_PER_S, seed: index + 1, rows: null });
      t.after(() => traffic.stop());
      await capture.start(damage);
      await until(() => !capture.running, { what: 'the death', timeoutMs: 60_000 }).catch(
        (cause: unknown) => {
          throw new Error(`${String(cause)}\n${capture.output}`, { cause });
        },
      );
      const { signal } = await capture.exited();
      assert.ok(faultOf(capture.output, damage), capture.output);
      assert.equal(signal, 'SIGKILL', capture.output);
      const left = (await pipeline.transactionIsOpen()) ? 'open' : 'ended';
      assert.ok(leaves.split(' or ').includes(left), `the transaction is ${left}, not ${leaves}`);

      await capture.start();
      await capture.ready();
      await traffic.stop();
      const comparison = await pipeline.settleTopic(capture, { prefix, dsn: own.adminDsn });
      assert.ok(comparison.identical, comparison.lines.join('\n'));
      const fired = `SIGKILL, and the transaction is ${left}`;
      t.diagnostic(faultLine({ name: damage.name, outcome: 'goes on', fired, comparison }));
    });
  }
});

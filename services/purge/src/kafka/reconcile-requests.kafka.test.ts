import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';

import { testClient } from '@scoreline/kafka/testing';
import { LedgerView } from '@scoreline/ledger';
import { needServer, uniqueName, until } from '@scoreline/testing';

import { TestLedger } from '../testing/ledgers.ts';
import { testAdmin } from '../testing/test-kafka.ts';
import { ReconcileRequests } from './reconcile-requests.ts';

const { signal } = new AbortController();

test('capture finds the last request in the ledger, beside what it has written itself', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return;
  const kafka = testClient(brokers);
  const prefix = `${uniqueName('test')}_`;
  const ledger = new TestLedger(kafka, await testAdmin(t, kafka, prefix), prefix);
  await ledger.create();
  await ledger.write();
  const requests = new ReconcileRequests(kafka, { table: 'log_scores', prefix, now: () => 4_711 });
  await requests.ask({ from: 1, to: 9 }, signal);
  await requests.ask({ from: 500_000, to: 500_007 }, signal);
  const view = new LedgerView(kafka, ledger.topic);
  t.after(() => view.close());
  const seen = await until(async () => {
    const state = await view.refresh(signal);
    return state.request?.to === 500_007 ? state : null;
  });
  assert.deepEqual(seen.request, {
    from: 500_000,
    to: 500_007,
    atMs: 4_711,
    by: `purge@${hostname()}`,
  });
  assert.equal(seen.checkpoint?.ledgerUuid, ledger.uuid);
});

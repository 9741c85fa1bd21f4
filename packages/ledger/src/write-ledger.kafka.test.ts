import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { deferred } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { checkpointMessage, fenceMessage } from './codec.ts';
import { type Roster, rosterMessage } from './roster.ts';
import type { LedgerState } from './state.ts';
import { checkpoint } from './testing/checkpoints.ts';
import { testLedger } from './testing/test-ledger.ts';
import { type LedgerDecision, writeLedger } from './write-ledger.ts';

const { signal } = new AbortController();

/** Adds a sink to the roster. */
const adds =
  (name: string): LedgerDecision =>
  async ({ roster }) => [
    rosterMessage([...roster, { name, state: 'testing', dest: null, changes: [] }]),
  ];

/** With everything that was committed before: a commit is answered before others see it. */
async function stateOf(kafka: Kafka, topic: string): Promise<LedgerState> {
  let found: LedgerState | undefined;
  await writeLedger(kafka, { topic, transactionalId: `${topic}-reader`, signal }, async (state) => {
    found = state;
    return null;
  });
  return found!;
}

const names = (roster: Roster) => roster.map(({ name }) => name);

test('one writer after the other adds to what is there, and none adds without reading', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const options = { topic, transactionalId: `${topic}-roster`, signal };
  const uuid = randomUUID();
  await ledger.write([checkpointMessage(checkpoint(uuid))]);
  await writeLedger(kafka, options, adds('a'));
  await writeLedger(kafka, options, async (state) => {
    assert.equal(state.checkpoint?.ledgerUuid, uuid);
    return null;
  });
  await writeLedger(kafka, options, adds('b'));
  await assert.rejects(
    writeLedger(kafka, options, async () => {
      throw new Error('refused');
    }),
    /^Error: refused$/,
  );
  const state = await stateOf(kafka, topic);
  assert.deepEqual(names(state.roster), ['a', 'b']);
  assert.equal(state.checkpoint?.ledgerUuid, uuid);
});

test('of two at once the one that began first is fenced, and nothing of the other is lost', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const options = { topic, transactionalId: `${topic}-roster`, signal };
  const [reading, other] = [deferred(), deferred()];
  const slow = writeLedger(kafka, options, async (state) => {
    reading.resolve();
    await other.promise;
    return adds('slow')(state);
  });
  const fenced = assert.rejects(slow, { code: 'producer-fenced', action: 'retry' });
  await reading.promise;
  await writeLedger(kafka, options, adds('quick'));
  other.resolve();
  await fenced;
  assert.deepEqual(names((await stateOf(kafka, topic)).roster), ['quick']);
  await writeLedger(kafka, options, adds('slow'));
  assert.deepEqual(names((await stateOf(kafka, topic)).roster), ['quick', 'slow']);
});

test('of a writer that died before its commit nothing is left, and the next does not wait for it', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const dead = await (await ledger.producer('roster')).transaction();
  const [message] = (await adds('dead')(await stateOf(kafka, topic)))!;
  await dead.send({ topic, messages: [{ ...message!, partition: 0 }] });
  const options = { topic, transactionalId: `${topic}-roster`, signal };
  await writeLedger(kafka, options, adds('next'));
  assert.deepEqual(names((await stateOf(kafka, topic)).roster), ['next']);
  await assert.rejects(dead.commit());
  assert.deepEqual(names((await stateOf(kafka, topic)).roster), ['next']);
});

test('a decision sees nothing of a transaction of capture that is open around its fence', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  await ledger.write([checkpointMessage(checkpoint(randomUUID(), 100))]);
  const open = await (await ledger.producer('capture')).transaction();
  await open.send({ topic, messages: [fenceMessage('x', { atMs: 0, host: 'test' })] });
  let offset: number | undefined;
  const writing = writeLedger(
    kafka,
    { topic, transactionalId: `${topic}-roster`, signal },
    async (state) => {
      offset = state.checkpoint?.position.offset;
      return adds('a')(state);
    },
  );
  await open.send({
    topic,
    messages: [checkpointMessage(checkpoint(randomUUID(), 200))].map((m) => ({ ...m })),
  });
  await open.abort();
  await writing;
  assert.equal(offset, 100);
});

test('what is capture’s to write is refused', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const options = { topic, transactionalId: `${topic}-roster`, signal };
  await assert.rejects(
    writeLedger(kafka, options, async () => [checkpointMessage(checkpoint(randomUUID()))]),
    /^RangeError: checkpoint is capture's$/,
  );
  assert.equal((await stateOf(kafka, topic)).checkpoint, null);
});

test('whoever stops does not wait for the brokers', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const stopping = new AbortController();
  const writing = writeLedger(
    kafka,
    { topic, transactionalId: `${topic}-roster`, signal: stopping.signal },
    async (state) => {
      stopping.abort(new Error('stopping'));
      return adds('a')(state);
    },
  );
  await assert.rejects(writing, /^Error: stopping$/);
});

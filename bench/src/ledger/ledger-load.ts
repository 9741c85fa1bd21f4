import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ensureTopic } from '@scoreline/kafka';
import {
  CapturedIds,
  fenceMessage,
  type LedgerMessage,
  ledgerSpec,
  ledgerTopic,
} from '@scoreline/ledger';
import type { Producer } from 'kafkajs';

import type { Bench } from '../bench.ts';
import type { Measured } from '../measurement.ts';
import type { Contender } from '../rounds.ts';
import { nodeOptions } from '../service.ts';
import { ledgerDigest, ledgerHistory } from './ledger-history.ts';
import type { Loaded } from './load.ts';

const LOADER = fileURLToPath(new URL('load.js', import.meta.url));
const TOPIC = ledgerTopic('log_scores', 'ledger-load-');
/** A topic takes 1 MB by default. */
const REQUEST_BYTES = 500_000;
const TIMEOUT_MS = 120_000;

/** packages/ledger in a process that does nothing else, from a topic as capture leaves it. */
export class ScorelineLedger implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #ids: number;
  readonly #fence = randomUUID();
  #digest = '';

  constructor(bench: Bench, { ids }: { readonly ids: number }) {
    this.#bench = bench;
    this.#ids = ids;
  }

  async prepare(): Promise<null> {
    const { admin, kafka } = this.#bench;
    await ensureTopic(admin, ledgerSpec(TOPIC), { manage_topics: true, topic_replication: 1 });
    const producer = kafka.producer({ transactionalId: TOPIC, retry: { retries: 0 } });
    await producer.connect();
    try {
      await this.#write(producer);
    } finally {
      await producer.disconnect();
    }
    return null;
  }

  async measure(): Promise<Measured> {
    const { env, signal } = this.#bench;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...nodeOptions(), '--expose-gc', LOADER, env['KAFKA_BROKERS'] ?? '', TOPIC, this.#fence],
      { signal, timeout: TIMEOUT_MS },
    );
    const { digest, ids, ...measured } = JSON.parse(stdout) as Loaded;
    if (digest !== this.#digest || ids !== this.#ids) {
      throw new Error(`${TOPIC} was written with ${this.#ids} ids, and is read as others: ${ids}`);
    }
    return { rows: ids, ...measured };
  }

  async #write(producer: Producer): Promise<void> {
    const { say, signal } = this.#bench;
    const count = (value: number): string => value.toLocaleString('en-US');
    say(`ledger-load: writing ${count(this.#ids)} ids`);
    const captured = new CapturedIds();
    let records = 0;
    let request: LedgerMessage[] = [];
    let bytes = 0;
    const send = async (): Promise<void> => {
      signal.throwIfAborted();
      const transaction = await producer.transaction();
      const messages = request.map(({ key, value }) => ({ partition: 0, key, value }));
      await transaction.send({ topic: TOPIC, messages });
      await transaction.commit();
      records += request.length;
      request = [];
      bytes = 0;
    };
    for (const message of [...ledgerHistory(captured, this.#ids)].flat()) {
      request.push(message);
      bytes += message.value.length;
      if (bytes > REQUEST_BYTES) await send();
    }
    request.push(fenceMessage(this.#fence, { atMs: Date.now(), host: 'bench' }));
    await send();
    this.#digest = ledgerDigest(captured);
    say(`ledger-load: ${count(captured.buckets.size)} buckets in ${count(records)} records`);
  }
}

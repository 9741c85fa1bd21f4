import { readLedger } from '@scoreline/ledger';
import { Kafka, logLevel } from 'kafkajs';

import { readUsage } from '../proc.ts';
import { ledgerDigest } from './ledger-history.ts';

/** What a process that only loads a ledger tells on standard output. */
export interface Loaded {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly heldMb: number;
  readonly ids: number;
  readonly records: number;
  readonly digest: string;
}

/** What is alive, MB of 2^20 bytes. */
function aliveMb(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

const [brokers = '', topic = '', fence = ''] = process.argv.slice(2);
const kafka = new Kafka({
  clientId: 'scoreline-bench',
  brokers: [brokers],
  logLevel: logLevel.NOTHING,
});
const aliveBefore = aliveMb();
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const { captured, records } = await readLedger(kafka, topic, fence, {
  signal: new AbortController().signal,
});
const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const { peakRssMb: rssMb } = readUsage(process.pid);
const loaded: Loaded = {
  seconds,
  cpuSeconds: (user + system) / 1e6,
  rssMb,
  heldMb: aliveMb() - aliveBefore,
  ids: captured.count,
  records,
  digest: ledgerDigest(captured),
};
console.log(JSON.stringify(loaded));

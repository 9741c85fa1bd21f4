import { readLedgerSnapshot } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { DIFFERENCES, type Difference, LedgerDifferences } from './ledger-differences.ts';
import { LedgerTopics } from './ledger-topics.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { progressLine } from './progress-line.ts';
import { scanRows } from './scan-rows.ts';

export interface VerifyOptions {
  readonly kafka: Kafka;
  readonly names: PipelineNames;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Compares the ledger with its topics (above their starts they are equal) and prints what is not. Reads
 * only, also beside a capture that runs: rows that are published meanwhile are left out. So are topics
 * that are retired.
 *
 * The order makes that so. The topics' ends come first, up to which every transaction is over; then the
 * ledger is read, and has all of these; then each topic, to that end or to the ledger's, whichever is
 * further: all that is read, and nothing else, must be in the ledger.
 *
 * Resolves with true when they are equal. Memory is a bit for each id, twice.
 */
export async function verifyLedger(options: VerifyOptions): Promise<boolean> {
  const { kafka, names, signal, print } = options;
  const stable = await stableEnds(kafka, names);
  const ledger = await readLedgerSnapshot(kafka, names.ledgerTopic, { signal });
  if (ledger.checkpoint === null) throw noCheckpoint(names.ledgerTopic);
  const { captured, checkpoint, retired } = ledger;
  const { ledgerUuid, position, topicEnds } = checkpoint;
  print(
    `${names.ledgerTopic}: ledger ${ledgerUuid} at ${position.file}:${position.offset}, ${captured.count} ids and ${captured.excluded} excluded ones in ${captured.buckets.size} buckets`,
  );
  const topics = new LedgerTopics(names.topics, retired);
  const differences = new LedgerDifferences(captured, new Set(retired.keys()));
  for (const topic of new Set([...stable.keys(), ...Object.keys(topicEnds)])) {
    if (topics.isRetired(topic)) {
      print(`${topic}: retired`);
      continue;
    }
    const known = topicEnds[topic] ?? [];
    const version = topics.versionOf(topic);
    const ends = stable.get(topic);
    if (ends === undefined) {
      print(`${topic}: it is gone`);
      differences.scanned(topic, [], known);
      continue;
    }
    const parts = await scanRows(
      kafka,
      { topic, version },
      {
        signal,
        to: furthest(ends, known),
        progress: progressLine(topic, print),
      },
      {
        row: ({ id, partition, offset }) => differences.row(topic, id, partition, offset),
        unreadable: (partition, offset, why) =>
          differences.unreadable(topic, partition, offset, why),
      },
    );
    differences.scanned(topic, parts, known);
    const offsets = parts.map(({ from, end }) => `${from}-${end}`).join(' ');
    print(`${topic}: offsets ${offsets}`);
  }
  return report(differences, print);
}

function report(differences: LedgerDifferences, print: (line: string) => void): boolean {
  const found = differences.result();
  const { records, notComparable } = differences;
  print(`${records} records read`);
  if (notComparable > 0) {
    print(
      `${notComparable} buckets have rows below the start of their topic, or in a retired one: not comparable`,
    );
  }
  for (const difference of found) describe(difference, print);
  print(found.length === 0 ? 'EQUAL' : 'DIFFERENT');
  return found.length === 0;
}

function describe({ kind, count, examples }: Difference, print: (line: string) => void): void {
  print(`${DIFFERENCES[kind]}: ${count}`);
  for (const example of examples) print(`  ${example}`);
  if (count > examples.length) print(`  and ${count - examples.length} more`);
}

/** By topic that is there, and by partition, the end up to which every transaction is over. */
async function stableEnds(
  kafka: Kafka,
  { topic: published, topics }: PipelineNames,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const admin = kafka.admin({ retry: { retries: 3 } });
  try {
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const found = new Map<string, readonly number[]>();
    for (const topic of topics.keys()) {
      if (!there.has(topic)) continue;
      const ends: number[] = [];
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        ends[partition] = Number(high);
      }
      found.set(topic, ends);
    }
    if (found.size > 0) return found;
    throw new PermanentError(`there is no topic ${published}`, {
      code: 'topic-missing',
      remedy: 'Check kafka_brokers, topic_prefix and table.',
    });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function furthest(one: readonly number[], other: readonly number[]): number[] {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, i) => Math.max(one[i] ?? 0, other[i] ?? 0));
}

function noCheckpoint(ledgerTopic: string): PermanentError {
  return new PermanentError(`${ledgerTopic} has no checkpoint`, {
    code: 'ledger-missing',
    remedy:
      'Start capture once. If it had been started, the ledger is lost: --rebuild-ledger makes it anew from the topic.',
  });
}

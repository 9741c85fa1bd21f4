import { ServerLock, type Source } from '@scoreline/database';
import {
  checkpointMessage,
  type LedgerState,
  readLedger,
  readLedgerSnapshot,
  type Retirement,
  retirementMessage,
} from '@scoreline/ledger';
import { ConfigError, type Logger, PermanentError, whoAmI } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import type { CaptureConfig } from './config.ts';
import { LedgerTopics } from './ledger-topics.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { planRetirement, type Retiring, type RetirementPlan } from './retirement-plan.ts';
import { TopicEnds } from './topic-ends.ts';
import { groupsOf } from './topic-groups.ts';
import { topicEnds } from './topic-presence.ts';
import { TransactionalProducer } from './transactional-producer.ts';

export interface RetireOptions {
  readonly config: CaptureConfig;
  readonly source: Source;
  readonly kafka: Kafka;
  readonly names: PipelineNames;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly log: Logger;
}

type Ledger = Pick<LedgerState, 'checkpoint' | 'retired' | 'roster'>;

interface Planned extends RetirementPlan {
  readonly retiring: Retiring;
}

/**
 * Retires a version's topic: notes in the ledger where it ended, so that nothing asks for it any more and it
 * may be deleted. Without the plan's digest it prints the plan, and capture may run meanwhile.
 *
 * With it, capture must be stopped: the lock keeps every capture away, of older releases too, and the fence
 * ends what one of them had left open. Then everything is looked at again, and must be what the plan says. A
 * release that does not know of retirements stops at the ledger's record.
 *
 * Resolves with false when the plan has problems.
 */
export async function retireTopic(options: RetireOptions): Promise<boolean> {
  const { config, kafka, names, signal, print } = options;
  const topic = topicToRetire(config, names);
  const admin = kafka.admin({ retry: { retries: 3 } });
  try {
    await admin.connect();
    if (config.retire_digest !== undefined) return await apply(options, admin, topic);
    const ledger = await readLedgerSnapshot(kafka, names.ledgerTopic, { signal });
    if (isRetired(ledger, topic, print)) return true;
    const plan = await planOf(options, admin, { ledger, topic });
    tell(plan, print);
    if (plan.problems.length > 0) return false;
    print(`to retire it, stop capture and add --retire-digest ${plan.digest}`);
    return true;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

async function apply(options: RetireOptions, admin: Admin, topic: string): Promise<boolean> {
  const { config, source, kafka, names, print, log } = options;
  const lock = new ServerLock(names.transactionalId, log);
  const leadership = await lock.acquire(source, options.signal, () =>
    print(`waiting for the lock ${lock.name}: a capture holds it, which has to be stopped`),
  );
  const signal = AbortSignal.any([options.signal, leadership.lost]);
  const producer = new TransactionalProducer(kafka, {
    ...names,
    transactionTimeoutMs: config.kafka_transaction_timeout,
  });
  try {
    const ledger = await readLedger(kafka, names.ledgerTopic, await producer.fence(), { signal });
    if (isRetired(ledger, topic, print)) return true;
    const plan = await planOf({ ...options, signal }, admin, { ledger, topic });
    tell(plan, print);
    if (plan.problems.length > 0) return false;
    if (plan.digest !== config.retire_digest) throw changed(plan.digest);
    await leadership.confirm();
    const transaction = await producer.begin();
    // The checkpoint is every transaction's last record: what reads the ledger beside capture counts on it.
    await transaction.sendLedger([
      retirementMessage(retirementOf(plan.retiring)),
      checkpointMessage(ledger.checkpoint!),
    ]);
    await transaction.commit();
    print(`${topic} is retired: once no sink names it in topic_versions, it may be deleted`);
    return true;
  } finally {
    await producer.close();
    await leadership.release();
  }
}

/** @throws ConfigError `settings` */
function topicToRetire({ retire_version: number }: CaptureConfig, names: PipelineNames): string {
  const found = [...names.topics].find(([, version]) => version.number === number);
  if (found !== undefined) return found[0];
  throw new ConfigError(
    number === undefined
      ? 'retire_version: --retire-topic must be told which version'
      : `retire_version: this release knows no version ${number}`,
    { code: 'settings', remedy: 'For log_scores-v1: --retire-version 1' },
  );
}

function isRetired({ retired }: Ledger, topic: string, print: RetireOptions['print']): boolean {
  const before = retired.get(topic);
  if (before === undefined) return false;
  print(`${topic} was retired ${new Date(before.atMs).toISOString()} by ${before.by}`);
  return true;
}

async function planOf(
  { names, signal }: RetireOptions,
  admin: Admin,
  { ledger, topic }: { readonly ledger: Ledger; readonly topic: string },
): Promise<Planned> {
  const { checkpoint, retired, roster } = ledger;
  const ends = checkpoint?.topicEnds[topic];
  if (checkpoint === null || ends === undefined) throw withoutRows(names.ledgerTopic, topic);
  const topics = new LedgerTopics(names.topics, retired);
  const [newest] = Object.keys(checkpoint.topicEnds)
    .map((one) => ({ topic: one, number: topics.versionOf(one).number }))
    .toSorted((a, b) => b.number - a.number);
  const isLater = newest !== undefined && newest.number > topics.versionOf(topic).number;
  new TopicEnds(topic, ends).check(await topicEnds(admin, topic, { signal }));
  const successor = isLater ? newest.topic : null;
  const followers = successor === null ? [] : await groupsOf(admin, successor);
  const following = followers.filter(({ committed }) => committed.some((offset) => offset >= 0));
  const retiring: Retiring = {
    ledgerUuid: checkpoint.ledgerUuid,
    topic,
    successor,
    ends,
    groups: await groupsOf(admin, topic),
    following: new Set(following.map(({ group }) => group)),
    roster,
  };
  return { ...planRetirement(retiring), retiring };
}

function tell({ lines, problems, retiring }: Planned, print: RetireOptions['print']): void {
  for (const line of lines) print(line);
  for (const problem of problems) print(`REFUSED: ${problem}`);
  if (problems.length === 0) print(`${retiring.topic} may be retired`);
}

function retirementOf({ topic, successor, ends, groups }: Retiring): Retirement {
  return {
    topic,
    successor: successor!,
    ends,
    groups: groups.map(({ group, committed, metadata }) => ({
      group,
      committed: ends.map((_, partition) => committed[partition] ?? -1),
      metadata: ends.map((_, partition) => metadata[partition] ?? ''),
    })),
    atMs: Date.now(),
    by: whoAmI(),
  };
}

function withoutRows(ledgerTopic: string, topic: string): PermanentError {
  return new PermanentError(`${ledgerTopic} has no rows in ${topic}`, {
    code: 'topic-missing',
    remedy: 'Check kafka_brokers, topic_prefix, table and retire_version.',
  });
}

function changed(digest: string): PermanentError {
  return new PermanentError(`the plan is another one by now: its digest is ${digest}`, {
    code: 'plan-changed',
    remedy: 'Look at it again, and give the new digest. Nothing was written.',
  });
}

import { sourceOf } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import { ledgerTopic, readLedgerSnapshot } from '@scoreline/ledger';
import type { ActionContext, ServiceContext } from '@scoreline/service';

import type { PurgeConfig } from '../config.ts';
import { askBrokers } from '../roster/ask-brokers.ts';
import { planChanged } from '../roster/plan.ts';
import { deleteRecords } from './delete-records.ts';
import { offsetsOf, planTrim } from './trim-plan.ts';
import { TrimReader } from './trim-reader.ts';

type Context = Pick<ServiceContext<PurgeConfig>, 'config' | 'log'> & ActionContext;

/**
 * Prints which records may leave the topic, and with the plan's digest deletes them: as far as every sink has
 * got by then, which is looked at again. Resolves with false when something is refused.
 */
export async function trim({ config, log, signal, print }: Context): Promise<boolean> {
  const kafka = createKafka(config, { clientId: 'scoreline-purge', log });
  const admin = kafka.admin({ retry: { retries: 3 } });
  const ledger = ledgerTopic(sourceOf(config).table, config.topic_prefix);
  try {
    await askBrokers('the cluster', signal, () => admin.connect());
    const reader = new TrimReader({ keepMs: config.topic_keep });
    const state = await readLedgerSnapshot(kafka, ledger, { signal });
    const plan = planTrim(await reader.read(admin, state, signal), config.sinks);
    for (const { code, message } of plan.problems) print(`REFUSED (${code}): ${message}`);
    for (const line of plan.lines) print(line);
    const reasons = plan.decisions.flatMap((decision) => decision.reasons);
    const isRefused = [...plan.problems, ...reasons].some(({ kind }) => kind === 'refuse');
    if (plan.decisions.every((decision) => offsetsOf(decision) === 0n)) {
      print('nothing goes');
      return !isRefused;
    }
    if (config.plan_digest === undefined) {
      print(`to delete them, or what may go by then, add --plan-digest ${plan.digest}`);
      return !isRefused;
    }
    if (config.plan_digest !== plan.digest) throw planChanged(plan.digest);
    await deleteRecords(admin, plan.decisions, {
      signal,
      trimmed: ({ topic, partition, start }) => print(`${topic}[${partition}] begins at ${start}`),
    });
    return !isRefused;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

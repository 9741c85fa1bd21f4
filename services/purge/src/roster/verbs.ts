import { sourceOf } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import {
  type LedgerState,
  ledgerTopic,
  readLedgerSnapshot,
  rosterMessage,
  writeLedger,
} from '@scoreline/ledger';
import { type ActionContext, ConfigError, type ServiceContext, whoAmI } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import type { PurgeConfig } from '../config.ts';
import { askBrokers } from './ask-brokers.ts';
import { lowestId } from './lowest-id.ts';
import { type Decision, type Plan, planChanged } from './plan.ts';
import { planPromotion } from './promotion-plan.ts';
import { planRetire } from './retire-plan.ts';
import { groupedSinks, groupsOfSink, landingOf } from './sink-landing.ts';

type Context = Pick<ServiceContext<PurgeConfig>, 'config' | 'log'> & ActionContext;

interface Asked {
  readonly sink: string;
  readonly decision: Decision;
  readonly admin: Admin;
  readonly ledger: LedgerState;
}

/**
 * Prints what promoting `sink` rests on, and with the plan's digest makes it one of those that must hold a row
 * before it is deleted. Resolves with false when it is refused.
 */
export function promote(context: Context): Promise<boolean> {
  const { config, signal } = context;
  const source = sourceOf(config);
  return change(context, async ({ sink, decision, admin, ledger }) => {
    const { checkpoint } = ledger;
    const minId = checkpoint === null ? null : await lowestId(source, checkpoint.source, signal);
    const [found, grouped] = await askBrokers(`what sink ${sink} has landed`, signal, async () => {
      return [await landingOf(admin, sink, ledger), await groupedSinks(admin, ledger)] as const;
    });
    return planPromotion({ sink, ledger, found, minId, grouped, decision });
  });
}

/** The same, to take it from them. */
export function retire(context: Context): Promise<boolean> {
  const { signal } = context;
  return change(context, async ({ sink, decision, admin, ledger }) => {
    const [grouped, groups] = await askBrokers(`the groups of sink ${sink}`, signal, async () => {
      return [await groupedSinks(admin, ledger), await groupsOfSink(admin, sink, ledger)] as const;
    });
    return planRetire({ sink, ledger, grouped, groups, decision });
  });
}

/**
 * Without a digest the plan is of the ledger as it is now. With it everything is read again behind the fence:
 * nobody else changes the roster meanwhile, and what is written was proven after that.
 */
async function change(
  { config, log, signal, print }: Context,
  planOf: (asked: Asked) => Promise<Plan>,
): Promise<boolean> {
  const sink = required(config.sink, 'sink');
  const decision: Decision = {
    atMs: Date.now(),
    by: whoAmI(),
    why: required(config.why, 'why'),
  };
  const { table } = sourceOf(config);
  const { topic_prefix: prefix, plan_digest: digest } = config;
  const topic = ledgerTopic(table, prefix);
  const kafka = createKafka(config, { clientId: 'scoreline-purge', log });
  const admin = kafka.admin({ retry: { retries: 3 } });
  try {
    await askBrokers('the cluster', signal, () => admin.connect());
    if (digest === undefined) {
      const ledger = await readLedgerSnapshot(kafka, topic, { signal });
      const plan = await planOf({ sink, decision, admin, ledger });
      const isFine = tell(plan, print);
      if (isFine && !plan.isDone) print(`to apply it, add --plan-digest ${plan.digest}`);
      return isFine;
    }
    let isFine = false;
    const transactionalId = `${prefix}scoreline-roster-${table}`;
    await writeLedger(kafka, { topic, transactionalId, signal }, async (ledger) => {
      const plan = await planOf({ sink, decision, admin, ledger });
      isFine = tell(plan, print);
      if (!isFine || plan.isDone) return null;
      if (plan.digest !== digest) throw planChanged(plan.digest);
      return [rosterMessage(plan.roster)];
    });
    if (isFine) print('it is so now');
    return isFine;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function tell({ lines, problems, isDone }: Plan, print: (line: string) => void): boolean {
  for (const line of lines) print(line);
  if (isDone) return true;
  for (const { code, message, commands = [] } of problems) {
    print(`REFUSED (${code}): ${message}`);
    for (const command of commands) print(`  ${command}`);
  }
  return problems.length === 0;
}

/** @throws ConfigError `settings` */
function required(value: string | undefined, setting: 'sink' | 'why'): string {
  if (value !== undefined) return value;
  throw new ConfigError(`${setting}: --promote and --retire need it`, {
    code: 'settings',
    remedy: '--promote --sink clickhouse --why "it has been compared for two weeks"',
  });
}

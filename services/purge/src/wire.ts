import {
  logSource,
  openPool,
  type Pool,
  reloadMetrics,
  SourceHolder,
  sourceLabel,
} from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import { ledgerTopic, LedgerView } from '@scoreline/ledger';
import type { Logger, ServiceContext } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { ArchiveStatus } from './archive-status/archive-status.ts';
import { type PurgeConfig, retentionDays } from './config.ts';
import { EvidenceReader } from './kafka/evidence-reader.ts';
import { highestInPurgeLog } from './kafka/purge-log-tail.ts';
import { PurgeLog } from './kafka/purge-log.ts';
import { ReconcileRequests } from './kafka/reconcile-requests.ts';
import { type PurgeMetrics, purgeMetrics } from './metrics.ts';
import { settledGround, systemClock, type WhoWaits } from './purge/ground.ts';
import { impatiently, lockHeld } from './purge/lock-patience.ts';
import { Purger, type PurgerGround } from './purge/purger.ts';
import { ReconcileAsker } from './purge/reconcile-asker.ts';
import { Standing } from './purge/standing.ts';
import { replicaSources } from './replica-sources.ts';
import { hasPassed, isRewound } from './source/has-passed.ts';
import { LoadProbe } from './source/load-probe.ts';
import { PurgeLocks } from './source/purge-locks.ts';
import { PurgeTable } from './source/purge-table.ts';

/** A purge with everything that it stands on. Nothing is open yet. */
export interface Wired {
  readonly sources: SourceHolder;
  readonly metrics: PurgeMetrics;
  readonly kafka: Kafka;
  readonly ledger: LedgerView;
  readonly purger: Purger;
  readonly standing: Standing;
  readonly asker: ReconcileAsker;
  /** Ends every connection. */
  close(signal?: AbortSignal): Promise<void>;
}

export function wirePurge(
  { config, log, metrics: registry, secretFiles }: ServiceContext<PurgeConfig>,
  whoWaits: WhoWaits,
): Wired {
  const metrics = purgeMetrics(registry);
  const sources = SourceHolder.load(config, { log, metrics: reloadMetrics(registry), secretFiles });
  logSource(sources.current, log);
  const { table } = sources.current;
  const prefix = config.topic_prefix;
  const kafka = createKafka(config, { clientId: 'scoreline-purge', log });
  const ledger = new LedgerView(kafka, ledgerTopic(table, prefix));
  const pool = openPool(sources);
  const standing = new Standing({ log, metrics, clock: systemClock });
  const probe = new LoadProbe(pool, replicaSources(config, sources.current), { log });
  const purger = new Purger({
    ...settledGround(config, whoWaits),
    ...sourceGround(config, sources, pool),
    ledger,
    evidence: (highest) => new EvidenceReader(kafka, highest),
    journal: () => new PurgeLog(kafka, { table, prefix, manage: config }),
    highest: (signal) => highestInPurgeLog(kafka, { table, prefix, signal }),
    locks: locksOf(config, sources, { whoWaits, log }),
    probe,
    standing,
  });
  const requests = new ReconcileRequests(kafka, { table, prefix, now: () => systemClock.now() });
  return {
    sources,
    metrics,
    kafka,
    ledger,
    purger,
    standing,
    asker: new ReconcileAsker(requests, systemClock),
    close: async (signal) => {
      await Promise.allSettled([ledger.close(), probe.end(signal), pool.end(signal)]);
    },
  };
}

function sourceGround(
  config: PurgeConfig,
  sources: SourceHolder,
  pool: Pool,
): Pick<PurgerGround, 'table' | 'archives' | 'hasPassed' | 'isRewound'> {
  const { database, table, timeZone } = sources.current;
  const status = new ArchiveStatus(pool, table);
  return {
    table: new PurgeTable(pool, {
      source: { database, table, timeZone },
      retentionDays: retentionDays(config),
    }),
    archives: {
      whyNot: (signal) => status.whyNot(signal),
      keep: async (state, evidence, signal) => {
        if (config.archive_status) await status.keep(state, evidence, signal);
      },
    },
    hasPassed,
    isRewound,
  };
}

function locksOf(
  config: PurgeConfig,
  sources: SourceHolder,
  { whoWaits, log }: { readonly whoWaits: WhoWaits; readonly log: Logger },
): PurgerGround['locks'] {
  const { table } = sources.current;
  const locks = new PurgeLocks({ table, prefix: config.topic_prefix }, log);
  const acquire: PurgerGround['locks'] = (signal, waiting) => {
    const source = sources.current;
    return locks.acquire(source, signal, (name) => waiting(lockHeld(name, sourceLabel(source))));
  };
  return whoWaits === 'service' ? acquire : impatiently(acquire);
}

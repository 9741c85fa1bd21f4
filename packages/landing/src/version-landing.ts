import { createKafka } from '@scoreline/kafka';
import { ledgerTopic, readLedgerUuid } from '@scoreline/ledger';
import type { Catalog } from '@scoreline/schema';
import { type Logger, retry } from '@scoreline/service';

import type { ExistingRows } from './existing-rows.ts';
import type { KnownDestination } from './known-destination.ts';
import { groupOf, type LandedTopic } from './landed-topics.ts';
import { type LandingOptions, LandingPart } from './landing-part.ts';
import type { LandingMetrics } from './metrics.ts';
import { checkOffsetsRetention } from './offsets-retention.ts';
import { Quarantine } from './quarantine.ts';
import type { Tenant } from './range-storage.ts';
import type { RangeWriter } from './range-writer.ts';
import { recordLanded } from './record-landed.ts';
import { acceptedFor, type LandingConfig } from './settings.ts';
import type { Sink } from './sink.ts';
import type { Spool } from './spool.ts';
import { standingOf } from './topic-standing.ts';
import type { WriterSchemas } from './writer-schemas.ts';

/** What the landings of all versions have in common. */
export interface SharedLanding {
  readonly sink: Sink;
  readonly config: LandingConfig;
  readonly catalog: Catalog;
  /** All that are landed. */
  readonly topics: readonly LandedTopic[];
  readonly writer: RangeWriter;
  readonly existing: ExistingRows;
  readonly schemas: WriterSchemas;
  readonly spool: Spool | null;
  /** Partitions of every version, which share the spool. */
  readonly tenants: () => Iterable<Tenant>;
  /** Backfill topics that are there, which take their share of the memory. */
  readonly backfills: Set<string>;
  /** Topics that were found to be retired. */
  readonly retired: Set<string>;
  readonly destination: KnownDestination;
  readonly metrics: LandingMetrics;
  readonly log: Logger;
}

export interface Backfilling {
  /** Of the part. */
  readonly name: string;
  readonly standing: LandingOptions['standing'];
}

/**
 * One version's topic under a group of its own, or what is backfilled of it, and where its records go that
 * cannot land.
 */
export function versionLanding(
  { topic, version }: LandedTopic,
  shared: SharedLanding,
  backfilling?: Backfilling,
): { readonly quarantine: Quarantine | null; readonly landing: LandingPart } {
  const { sink, config, catalog, topics, writer, schemas, spool, destination, metrics } = shared;
  const isOnly = topics.length === 1 && backfilling === undefined;
  const log = isOnly ? shared.log : shared.log.child({ topic });
  const labels = { sink: sink.name };
  const group = groupOf(sink.name, topic);
  const kafka = createKafka(config, { clientId: group, log });
  const quarantine =
    config.on_poison === 'stop'
      ? null
      : new Quarantine({
          kafka,
          topic,
          sink: sink.name,
          limit: config.quarantine_limit,
          manageTopics: config.manage_topics,
          log,
          kept: (partition) => metrics.quarantines.inc({ ...labels, topic, partition }),
        });
  const landing = new LandingPart({
    name: backfilling?.name ?? (isOnly ? 'landing' : `landing-v${version.number}`),
    log,
    kafka,
    topic,
    session: {
      sessionTimeoutMs: config.session_timeout,
      rebalanceTimeoutMs: config.rebalance_timeout,
      fetchBytes: config.fetch_bytes,
    },
    accepted: (partition) => acceptedFor(config, 'accept_offset', { topic, partition }),
    released: (partition) => acceptedFor(config, 'accept_quarantined', { topic, partition }),
    onJoin: () => metrics.joins.inc(labels),
    onSession: () => metrics.sessions.inc(labels),
    trouble: () => writer.trouble(),
    checkRegistry: (signal) => schemas.check(signal),
    standing:
      backfilling?.standing ??
      (async (admin, signal) => {
        const standing = await standingOf(topic, { kafka, admin, config, catalog, log, signal });
        if (standing === 'retired') shared.retired.add(topic);
        return standing;
      }),
    async open(signal) {
      await quarantine?.open();
      await checkOffsetsRetention(kafka, config.recommit_interval, log);
      const ledger = ledgerTopic(config.table, config.topic_prefix);
      const ledgerUuid = await readLedgerUuid(kafka, ledger, { signal, log });
      return {
        topic,
        version,
        group,
        others: topics
          .filter((one) => one.topic !== topic)
          .map((one) => ({ topic: one.topic, group: groupOf(sink.name, one.topic) })),
        ledgerUuid,
        get destination() {
          return destination.now;
        },
        limits: sink.limits,
        /** Asked after each join: by then every backfill that there is has been found. */
        get bufferBytes() {
          return Math.floor(config.buffer_bytes / (topics.length + shared.backfills.size));
        },
        recommitMs: config.recommit_interval,
        quarantine,
        spool,
        tenants: shared.tenants,
        log,
        schema: (id, schemaSignal) =>
          retry(() => schemas.schema(id, version), {
            signal: schemaSignal,
            log,
            what: `asking the registry for schema ${id}`,
          }),
        existing: shared.existing,
        write: (range, known, writeSignal) => writer.write(range, known, writeSignal),
        landed: (range, replay) => {
          destination.landed(topic);
          recordLanded(metrics, sink.name, { range, replay });
        },
        recommitted: (partition) => metrics.recommits.inc({ ...labels, topic, partition }),
        closedEarly: (partition) => metrics.closedEarly.inc({ ...labels, topic, partition }),
      };
    },
  });
  return { quarantine, landing };
}

import { createKafka } from '@scoreline/kafka';
import { ledgerTopic, readLedgerUuid } from '@scoreline/ledger';
import { SchemaRegistry, topicName } from '@scoreline/schema';
import { type Logger, type Metrics, type Part, retry } from '@scoreline/service';

import { MAX_IN_FLIGHT } from './commit-metadata.ts';
import { existingRows } from './existing-rows.ts';
import { LandingPart } from './landing-part.ts';
import { landingMetrics } from './metrics.ts';
import { checkOffsetsRetention } from './offsets-retention.ts';
import { Quarantine } from './quarantine.ts';
import { RangeWriter } from './range-writer.ts';
import { recordLanded } from './record-landed.ts';
import { acceptedFor, type LandingConfig, spoolFolder } from './settings.ts';
import type { Destination, Sink } from './sink.ts';
import { Spool } from './spool.ts';
import { WriterSchemas } from './writer-schemas.ts';

export interface SinkContext {
  readonly config: LandingConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * The parts of a service that lands ranges in this sink: its destination, the spool if it has one, and the
 * landing itself.
 */
export function runSink(sink: Sink, { config, log, metrics: registry }: SinkContext): Part[] {
  const { inFlight = 1 } = sink.limits;
  if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > MAX_IN_FLIGHT) {
    throw new RangeError(
      `${sink.name}: ${inFlight} ranges in flight; 1 to ${MAX_IN_FLIGHT} can be`,
    );
  }
  const spool =
    sink.spools === true
      ? new Spool({ folder: spoolFolder(config), budgetBytes: config.spool_bytes, log })
      : null;
  const metrics = landingMetrics(registry, sink.name, {
    open: () => landing.landings(),
    spool,
  });
  const labels = { sink: sink.name };
  const topic = topicName(config.table, undefined, config.topic_prefix);
  const group = `sink-${sink.name}.${topic}`;
  const writer = new RangeWriter(sink, { log, metrics });
  const heldUpTo = existingRows(sink, config, log);
  const schemas = new WriterSchemas(
    new SchemaRegistry({
      url: config.schema_registry_url,
      username: config.schema_registry_username,
      password: config.schema_registry_password,
    }),
  );
  let destination: Destination | null = null;

  const destinationPart: Part = {
    name: 'destination',
    async start(signal) {
      destination = await sink.start(signal);
      log.info({ ...destination }, 'destination');
    },
    stop: () => sink.stop(),
    status: () => destination,
  };

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
          kept: (partition) => metrics.quarantines.inc({ ...labels, partition }),
        });
  const landing = new LandingPart({
    log,
    kafka,
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
    async open(signal) {
      if (destination === null) throw new Error('the destination has not been started');
      await quarantine?.open();
      await checkOffsetsRetention(kafka, config.recommit_interval, log);
      const ledgerUuid = await readLedgerUuid(
        kafka,
        ledgerTopic(config.table, config.topic_prefix),
        {
          signal,
          log,
        },
      );
      return {
        topic,
        group,
        ledgerUuid,
        destination,
        limits: sink.limits,
        bufferBytes: config.buffer_bytes,
        recommitMs: config.recommit_interval,
        quarantine,
        spool,
        log,
        schema: (id, schemaSignal) =>
          retry(() => schemas.schema(id), {
            signal: schemaSignal,
            log,
            what: `asking the registry for schema ${id}`,
          }),
        heldUpTo,
        write: (range, known, writeSignal) => writer.write(range, known, writeSignal),
        landed: (range, replay) => recordLanded(metrics, sink.name, { range, replay }),
        recommitted: (partition) => metrics.recommits.inc({ ...labels, partition }),
        closedEarly: (partition) => metrics.closedEarly.inc({ ...labels, partition }),
      };
    },
  });
  const parts = [destinationPart, spool, quarantine, landing];
  return parts.filter((part) => part !== null);
}

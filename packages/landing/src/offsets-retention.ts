import { kafkaErrorType } from '@scoreline/kafka';
import type { Logger } from '@scoreline/service';
import kafkajs, { type Kafka } from 'kafkajs';

// Not a named export to Node, which reads those of a CommonJS module from its text.
const { ConfigResourceTypes } = kafkajs;

const NAME = 'offsets.retention.minutes';

/**
 * Warns when brokers forget offsets sooner than they are committed again, and sooner than a sink that
 * is stopped may be expected back: a group without offsets looks like one that has landed nothing.
 * Not every user may ask brokers for their configs, so that nothing depends on the answer.
 */
export async function checkOffsetsRetention(
  kafka: Kafka,
  recommitMs: number,
  log: Logger,
): Promise<void> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: brokers.map(({ nodeId }) => ({
        type: ConfigResourceTypes.BROKER,
        name: String(nodeId),
        configNames: [NAME],
      })),
    });
    const minutes = resources.flatMap(({ configEntries }) =>
      configEntries.filter(({ configName }) => configName === NAME).map((one) => one.configValue),
    );
    const warning = retentionWarning(minutes.map(Number), recommitMs);
    if (warning !== null) log.warn({ minutes, recommitMs }, warning);
  } catch (error) {
    log.debug({ err: error, type: kafkaErrorType(error) }, `${NAME} cannot be asked for`);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

const DAY_MINUTES = 24 * 60;

/** In words; null when a day may pass, and two commits be missed, before offsets expire. */
export function retentionWarning(minutes: readonly number[], recommitMs: number): string | null {
  const shortest = Math.min(...minutes);
  if (shortest * 60_000 < recommitMs * 2) {
    return `${NAME} is ${shortest} at the brokers: recommit_interval must be less than half of that`;
  }
  if (shortest < DAY_MINUTES) {
    return `${NAME} is ${shortest} at the brokers: the offsets of a sink that is stopped for longer are gone`;
  }
  return null;
}

import { createLog, loadConfig } from '@scoreline/service';
import type { Kafka } from 'kafkajs';
import { z } from 'zod';

import { createKafka } from '../client.ts';
import { kafkaSettings } from '../settings.ts';

/** A client as services have it, with nothing set but where the brokers are. */
export function testClient(
  brokers: string,
  settings: Readonly<Record<string, string>> = {},
): Kafka {
  return createKafka(loadConfig(z.object(kafkaSettings), { kafka_brokers: brokers, ...settings }), {
    clientId: 'scoreline-test',
    log: createLog('test', { log_level: 'silent' }),
  });
}

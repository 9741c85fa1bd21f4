import type { TestContext } from 'node:test';

import { createKafka } from '@scoreline/kafka';
import { createLog } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

/** A client as services have it. */
export function testClient(brokers: string, requestTimeoutMs = 30_000): Kafka {
  return createKafka(
    {
      kafka_brokers: brokers.split(','),
      kafka_tls: false,
      kafka_tls_ca: undefined,
      kafka_tls_cert: undefined,
      kafka_tls_key: undefined,
      kafka_sasl_mechanism: 'none',
      kafka_sasl_username: undefined,
      kafka_sasl_password: undefined,
      kafka_request_timeout: requestTimeoutMs,
      topic_prefix: '',
    },
    { clientId: 'scoreline-test', log: createLog('test', { log_level: 'silent' }) },
  );
}

/** Gone after the test, with every topic and group whose name has this in it. */
export async function testAdmin(t: TestContext, kafka: Kafka, named: string): Promise<Admin> {
  const admin = kafka.admin();
  await admin.connect();
  t.after(async () => {
    const topics = (await admin.listTopics()).filter((topic) => topic.includes(named));
    const { groups } = await admin.listGroups();
    const groupIds = groups.map(({ groupId }) => groupId).filter((id) => id.includes(named));
    await admin.deleteGroups(groupIds).catch(() => {});
    await admin.deleteTopics({ topics }).catch(() => {});
    await admin.disconnect();
  });
  return admin;
}

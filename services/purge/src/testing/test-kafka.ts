import type { TestContext } from 'node:test';

import type { Admin, Kafka } from 'kafkajs';

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

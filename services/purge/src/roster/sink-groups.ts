import type { Admin } from 'kafkajs';

/** The sink whose group of this topic has such a name; null when it is none. */
function sinkOf(group: string, topic: string): string | null {
  const [before, after] = ['sink-', `.${topic}`];
  const isNamed = group.startsWith(before) && group.endsWith(after);
  const name = isNamed ? group.slice(before.length, -after.length) : '';
  return name === '' ? null : name;
}

/**
 * The sinks that have a group of this topic, whatever a roster says of them. A name with a dot in it is a
 * sink's of another pipeline, whose prefix stands before the same topic name, unless it has read ours.
 */
export async function sinksOf(
  admin: Pick<Admin, 'listGroups' | 'fetchOffsets'>,
  topic: string,
): Promise<string[]> {
  const { groups } = await admin.listGroups();
  const sinks: string[] = [];
  for (const { groupId } of groups) {
    const sink = sinkOf(groupId, topic);
    if (sink === null) continue;
    if (!sink.includes('.') || (await hasRead(admin, groupId, topic))) sinks.push(sink);
  }
  return sinks.toSorted();
}

async function hasRead(
  admin: Pick<Admin, 'fetchOffsets'>,
  groupId: string,
  topic: string,
): Promise<boolean> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return found?.partitions.some(({ offset }) => Number(offset) >= 0) ?? false;
}

/** Kafka's own tools, by the names of their scripts. */
export const KAFKA_TOOLS: Readonly<Record<string, string>> = {
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
};

/** For a JVM that runs for seconds or minutes: it has no use for the best code, or for more than one collector. */
export const SHORT_LIVED: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** How to call a tool with `java`. */
export function kafkaToolArgs(
  tool: string,
  args: readonly string[],
  { classpath, brokers }: { readonly classpath: string; readonly brokers: string },
): string[] {
  const main = KAFKA_TOOLS[tool.replace(/\.sh$/, '')];
  if (main === undefined) {
    throw new Error(`${tool} is none of Kafka's tools: ${Object.keys(KAFKA_TOOLS).join(', ')}`);
  }
  const known = args.includes('--bootstrap-server') ? [] : ['--bootstrap-server', brokers];
  return [
    ...SHORT_LIVED,
    '-Xmx256m',
    '-Dlog4j2.level=ERROR',
    '-cp',
    classpath,
    main,
    ...known,
    ...args,
  ];
}

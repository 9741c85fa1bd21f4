import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Kafka, logLevel } from 'kafkajs-unpatched';

import { cached, exists } from '../cache.ts';
import { kafkaToolArgs, SHORT_LIVED } from '../kafka-tools.ts';
import { mavenLibraries } from '../maven.ts';
import { runCommand } from '../run-command.ts';
import type { ServerOptions } from '../server.ts';
import { ServerBase } from './server-base.ts';

const VERSION = '4.2.0';
const LOG4J = '2.25.1';
const HEAP = '-Xmx512m';

export interface KafkaOptions extends ServerOptions {
  /** Whether it is for tests: half of what a broker that lives for minutes computes is its own best code. */
  readonly brief?: boolean | undefined;
}

/** Apache Kafka, one KRaft node that is broker and controller, from its jars. */
export class KafkaServer extends ServerBase {
  readonly name = 'kafka';
  readonly installer = 'maven';
  protected override readonly ports = ['broker', 'controller'];
  readonly #jvm: readonly string[];

  constructor({ brief = false, ...options }: KafkaOptions) {
    super(options);
    this.#jvm = brief ? SHORT_LIVED : ['-XX:+UseG1GC'];
  }

  override async install(): Promise<void> {
    await this.#lib();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return { KAFKA_BROKERS: `127.0.0.1:${this.port('broker')}` };
  }

  override async ready(): Promise<boolean> {
    const admin = new Kafka({
      brokers: [`127.0.0.1:${this.port('broker')}`],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      retry: { retries: 0 },
    }).admin();
    try {
      await admin.connect();
      // The port opens before the broker takes part in its cluster; until then there is no broker in it.
      return (await admin.describeCluster()).brokers.length > 0;
    } catch {
      return false;
    } finally {
      await admin.disconnect();
    }
  }

  /** Runs one of Kafka's own tools, against this broker unless told, and resolves with what it prints. */
  async tool(name: string, args: readonly string[], others?: string): Promise<string> {
    const brokers = others ?? this.endpoints()['KAFKA_BROKERS'] ?? '';
    const java = kafkaToolArgs(name, args, { classpath: await this.classpath(), brokers });
    return runCommand('java', java);
  }

  /** Where the jars are: Kafka's own tools run from them. */
  async classpath(): Promise<string> {
    return join(await this.#lib(), '*');
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const java = ['-cp', await this.classpath()];
    const properties = join(this.dir, 'server.properties');
    await writeFile(properties, this.#properties());
    const data = join(this.dir, 'data');
    if (!(await exists(join(data, 'meta.properties')))) {
      await mkdir(data, { recursive: true });
      const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties];
      await runCommand('java', [...SHORT_LIVED, ...java, ...format]);
    }
    await this.process.launch({
      command: 'java',
      args: [HEAP, ...this.#jvm, '-Dlog4j2.level=WARN', ...java, 'kafka.Kafka', properties],
      port: this.port('broker'),
      ready: () => this.ready(),
      signal,
    });
  }

  async #lib(): Promise<string> {
    const folder = await cached(`kafka-${VERSION}`, this.say, (target) =>
      mavenLibraries(
        [
          `org.apache.kafka:kafka_2.13:${VERSION}`,
          `org.apache.kafka:kafka-tools:${VERSION}`,
          `org.apache.logging.log4j:log4j-core:${LOG4J}`,
          `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J}`,
        ],
        target,
        this.say,
      ),
    );
    return join(folder, 'lib');
  }

  #properties(): string {
    const broker = `127.0.0.1:${this.port('broker')}`;
    const controller = `127.0.0.1:${this.port('controller')}`;
    return `${Object.entries({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@${controller}`,
      'controller.listener.names': 'CONTROLLER',
      listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
      'advertised.listeners': `PLAINTEXT://${broker}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'log.dirs': join(this.dir, 'data'),
      'auto.create.topics.enable': false,
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 4,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      'transaction.state.log.num.partitions': 4,
      'group.initial.rebalance.delay.ms': 0,
      'group.min.session.timeout.ms': 1000,
      // A compacted topic is looked at soon after it has changed, not every 15 s.
      'log.cleaner.backoff.ms': 1000,
      // After kill -9 a restart waits until the old session has expired.
      'broker.session.timeout.ms': 2000,
      'broker.heartbeat.interval.ms': 500,
    })
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')}\n`;
  }
}

/** As Kafka writes a UUID. It begins with a digit, for a name that begins with a dash would be taken for an option. */
function clusterId(): string {
  return Buffer.concat([Buffer.of(0xd0), randomBytes(15)]).toString('base64url');
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { cached } from '../cache.ts';
import { mavenFile } from '../maven.ts';
import { runCommand } from '../run-command.ts';
import type { ServerOptions } from '../server.ts';
import type { KafkaServer } from './kafka.ts';
import { ServerBase } from './server-base.ts';

const VERSION = '3.0.9';

/** Apicurio, which speaks Confluent's interface under /apis/ccompat/v7 and keeps its schemas in Kafka. */
export class RegistryServer extends ServerBase {
  readonly name = 'registry';
  readonly installer = 'maven';
  protected override readonly ports = ['http', 'management'];
  readonly #kafka: KafkaServer;

  constructor(options: ServerOptions, kafka: KafkaServer) {
    super(options);
    this.#kafka = kafka;
  }

  /** What it knows is in Kafka: nothing is lost by an end without ceremony. */
  protected override get graceMs(): number {
    return 2_000;
  }

  override async install(): Promise<void> {
    await this.#jar();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return { SCHEMA_REGISTRY_URL: `http://127.0.0.1:${this.port('http')}/apis/ccompat/v7` };
  }

  override async ready(): Promise<boolean> {
    try {
      const response = await fetch(`${this.endpoints()['SCHEMA_REGISTRY_URL']}/subjects`, {
        signal: AbortSignal.timeout(2_000),
      });
      return response.ok;
    } catch {
      return false;
    }
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    await this.process.launch({
      command: 'java',
      args: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', await this.#jar()],
      env: {
        APICURIO_STORAGE_KIND: 'kafkasql',
        APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: this.#kafka.endpoints()['KAFKA_BROKERS'] ?? '',
        APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: '2',
        APICURIO_DATASOURCE_JDBC_MIN_SIZE: '2',
        APICURIO_DATASOURCE_JDBC_MAX_SIZE: '10',
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(this.port('http')),
        QUARKUS_MANAGEMENT_PORT: String(this.port('management')),
      },
      port: this.port('http'),
      ready: () => this.ready(),
      signal,
      timeoutMs: 120_000,
    });
  }

  async #jar(): Promise<string> {
    const folder = await cached(`apicurio-${VERSION}`, this.say, async (target) => {
      const artifact = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
      await mavenFile(artifact, target, this.say);
      const archive = join(target, `apicurio-registry-app-${VERSION}-all.tar.gz`);
      await runCommand('tar', ['xzf', archive], { cwd: target });
      await rm(archive);
    });
    return join(folder, `apicurio-registry-app-${VERSION}-runner.jar`);
  }
}

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ClickhouseServer } from '@scoreline/local';

export interface UserOfTest {
  readonly name: string;
  readonly grants: readonly string[];
  /** Of its profile. */
  readonly settings?: Readonly<Record<string, string>>;
}

const PASSWORD = 'p&ss';

export interface ServerWithUsers {
  readonly admin: ClickHouseClient;
  /** `ch_dsn` and `ch_http_url` of a user. */
  env(user: string): Readonly<Record<string, string>>;
}

/** A ClickHouse of this test's own, with database ntp and users that may do nothing that is not said. */
export async function serverWithUsers(
  t: TestContext,
  users: readonly UserOfTest[],
): Promise<ServerWithUsers> {
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-ch-users-'));
  const all = [{ name: 'admin', grants: ['GRANT ALL ON *.*'] }, ...users];
  const access = {
    users: all.map(userOf).join(''),
    profiles: all.map(profileOf).join(''),
  };
  const server = new ClickhouseServer({ dir, say: () => {}, access, keeper: true });
  t.after(async () => {
    await server.stop();
    await rm(dir, { recursive: true });
  });
  await server.start();
  const url = server.endpoints()['CH_HTTP_URL'] ?? '';
  const log = { level: ClickHouseLogLevel.OFF };
  const admin = createClient({ url, username: 'admin', password: PASSWORD, log });
  t.after(() => admin.close());
  await admin.command({ query: 'CREATE DATABASE ntp ENGINE = Atomic' });
  return {
    admin,
    env: (user) => ({
      ch_dsn: `tcp://${user}:${encodeURIComponent(PASSWORD)}@127.0.0.1:9000/ntp`,
      ch_http_url: url,
    }),
  };
}

function profileOf({ name, settings = {} }: UserOfTest): string {
  const own = Object.entries(settings).map(([key, value]) => `<${key}>${value}</${key}>`);
  return `<${name}>${own.join('')}</${name}>`;
}

function userOf({ name, grants }: UserOfTest): string {
  const hash = createHash('sha256').update(PASSWORD).digest('hex');
  const granted = grants.map((grant) => `<query>${grant}</query>`);
  return `<${name}><password_sha256_hex>${hash}</password_sha256_hex><networks><ip>127.0.0.1</ip></networks>
    <profile>${name}</profile><quota>default</quota><grants>${granted.join('')}</grants></${name}>`;
}

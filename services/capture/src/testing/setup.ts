import type { TestContext } from 'node:test';

import { needServer } from '@scoreline/testing';

import { type ActionResult, runAction } from './action-process.ts';
import { CaptureProcess } from './capture-process.ts';
import { CapturedTopic } from './captured-topic.ts';
import { SourceDatabase, type SqlServerName } from './source-database.ts';

/** A database, topics and a service of a test's own. */
export interface Setup {
  readonly source: SourceDatabase;
  readonly topic: CapturedTopic;
  readonly start: (more?: Readonly<Record<string, string>>) => CaptureProcess;
  /** Runs `capture --<action>` to its end. */
  readonly act: (
    action: string,
    more?: Readonly<Record<string, string>>,
    printed?: (line: string) => void,
    killed?: AbortSignal,
  ) => Promise<ActionResult>;
}

/** Null when a server is not there. */
export async function setup(
  t: TestContext,
  server: SqlServerName,
  settings: Readonly<Record<string, string>> = {},
): Promise<Setup | null> {
  const brokers = needServer(t, 'kafka');
  const registry = needServer(t, 'registry');
  if (brokers === '' || registry === '') return null;
  const source = await SourceDatabase.create(t, server);
  if (source === null) return null;
  const topic = await CapturedTopic.create(t, brokers);
  const env = { ...captureSettings(source.dsn, topic), ...settings };
  return {
    source,
    topic,
    start: (more = {}) => CaptureProcess.start(t, { ...env, ...more }),
    act: (action, more = {}, printed, killed) =>
      runAction(t, action, { ...env, ...more }, printed, killed),
  };
}

/** Quick to checkpoint, and to see that a server is gone. */
export function captureSettings(dsn: string, topic: CapturedTopic): Record<string, string> {
  return {
    database_dsn: dsn,
    kafka_brokers: process.env['KAFKA_BROKERS'] ?? '',
    schema_registry_url: process.env['SCHEMA_REGISTRY_URL'] ?? '',
    topic_prefix: topic.prefix,
    topic_replication: '1',
    source_time_zone: 'UTC',
    checkpoint_interval: '300ms',
    heartbeat_interval: '500ms',
    source_timeout: '5s',
  };
}

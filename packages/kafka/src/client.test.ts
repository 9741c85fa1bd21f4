import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createLog, loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { createKafka } from './client.ts';
import { kafkaSettings } from './settings.ts';

const silent = createLog('test', { log_level: 'silent' });

function client(env: Readonly<Record<string, string>>, log = silent) {
  const config = loadConfig(z.object(kafkaSettings), { kafka_brokers: 'localhost:1', ...env });
  return createKafka(config, { clientId: 'test', log });
}

test('TLS and SASL that are half set are refused by the names of their settings', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scoreline-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'some.pem');
  writeFileSync(file, 'pem');
  for (const [env, message] of [
    [
      { kafka_tls: 'true', kafka_tls_ca: `${file}.not` },
      /^kafka_tls_ca: cannot read .*some\.pem\.not/,
    ],
    [{ kafka_tls: 'true', kafka_tls_cert: file }, /^kafka_tls_cert, kafka_tls_key: one is set/],
    [{ kafka_tls: 'true', kafka_tls_key: file }, /^kafka_tls_cert, kafka_tls_key: one is set/],
    [
      { kafka_sasl_mechanism: 'scram-sha-512', kafka_sasl_username: 'u' },
      /^kafka_sasl_mechanism: scram-sha-512 needs kafka_sasl_username and kafka_sasl_password/,
    ],
  ] as const) {
    assert.throws(() => client(env), { code: 'kafka-settings', action: 'configure', message });
  }
  client({ kafka_tls: 'true', kafka_tls_ca: file, kafka_tls_cert: file, kafka_tls_key: file });
  client({ kafka_sasl_mechanism: 'plain', kafka_sasl_username: 'u', kafka_sasl_password: 'p' });
});

test('what kafkajs retries by itself is logged as a warning, by its name', async (t) => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  const log = createLog('test', { log_level: 'info' }, { write });
  const kafka = client({ kafka_brokers: `127.0.0.1:${port}` }, log);
  const admin = kafka.admin({ retry: { retries: 0 } });
  await assert.rejects(admin.connect());
  await admin.disconnect();
  assert.ok(lines.length > 0);
  for (const line of lines) {
    assert.equal(line['level'], 'warn');
    assert.equal(line['library'], 'kafkajs');
  }
});

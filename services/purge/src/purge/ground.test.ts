import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { loadConfig } from '@scoreline/service';

import { settings } from '../config.ts';
import { settledGround } from './ground.ts';

function configOf(env: Record<string, string> = {}) {
  return loadConfig(settings, {
    database_dsn: 'purge:secret@tcp(db:3306)/ntppool',
    kafka_brokers: 'kafka:9092',
    ...env,
  });
}

test('the file of purge_pause_file pauses while it is there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-pause-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'pause');
  const { switches } = settledGround(configOf({ purge_pause_file: file }), 'service');
  assert.equal(switches().paused, false);
  await writeFile(file, '');
  assert.equal(switches().paused, true);
  await rm(file);
  assert.equal(switches().paused, false);
});

test('outside of purge_window it is not the time', () => {
  const hour = new Date().getUTCHours();
  const text = (at: number) => `${String(at % 24).padStart(2, '0')}:00`;
  const inWindow = (window: string) =>
    settledGround(configOf({ purge_window: window }), 'service').switches().inWindow;
  assert.equal(inWindow(`${text(hour)}-${text(hour + 2)}`), true);
  assert.equal(inWindow(`${text(hour + 2)}-${text(hour + 4)}`), false);
});

test('no chunk has more rows than an interval may', () => {
  assert.equal(settledGround(configOf(), 'once').mostChunkRows, undefined);
  const bound = settledGround(configOf({ cleanup_default_batch_size: '50' }), 'once');
  assert.equal(bound.mostChunkRows, 50);
  bound.allowance?.took(50, 0);
  assert.equal(bound.allowance?.waitMs(1, 1_000), 239_000);
});

test('an action does not wait as long as the service', () => {
  const { throttleMs, captureMs } = settledGround(configOf(), 'once').patience;
  assert.ok(throttleMs < 60_000 && captureMs < 60_000);
  assert.equal(settledGround(configOf(), 'service').patience.throttleMs, Number.POSITIVE_INFINITY);
});

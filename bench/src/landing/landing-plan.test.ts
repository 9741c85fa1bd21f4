import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isLanding, WORKS } from '../measurement.ts';
import { planOf, serversFor } from './landing-plan.ts';

test('servers are started for the works that need them, once each', () => {
  assert.deepEqual(serversFor(['capture-bulk', 'landing-clickhouse', 'landing-large']), []);
  assert.deepEqual(serversFor(['landing-s3-null', 'landing-s3-deflate']), ['s3']);
  assert.deepEqual(serversFor(WORKS), ['gcs', 's3', 'bigquery']);
});

test('of the works that land two million records all take the same ones', () => {
  const plans = WORKS.filter(isLanding).map((work) => planOf(work));
  const usual = plans.filter(({ rows }) => rows === 2_000_000);
  assert.equal(usual.length, plans.length - 2);
  assert.deepEqual(new Set(usual.map(({ partitions }) => partitions)), new Set([6]));
});

test('the large range is as large as the backlog, whatever its size, and in one partition', () => {
  for (const rows of [null, 5_000]) {
    const { settings, ...plan } = planOf('landing-large', rows);
    const size = String(rows ?? 10_000_000);
    assert.deepEqual([String(plan.rows), plan.partitions], [size, 1]);
    assert.equal(settings['batch_avro_min_size'], size);
    assert.equal(settings['batch_avro_max_size'], size);
  }
});

test('the number of rows from the command line holds for every destination', () => {
  for (const work of WORKS.filter(isLanding)) assert.equal(planOf(work, 1234).rows, 1234, work);
});

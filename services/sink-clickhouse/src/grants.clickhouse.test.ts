import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import type { ConfigError } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { documentedGrants } from './testing/documented-grants.ts';
import { FIRST, REPLAY, SIGNAL, testSink } from './testing/test-sink.ts';
import { type ServerWithUsers, serverWithUsers } from './testing/users.ts';

const GRANTS = documentedGrants('always');

const ROWS = Array.from({ length: 100 }, (_, i) => sampleRow(i + 1));

test('the grants that are documented are enough, and each that lacks is told at the start', async (t) => {
  if (!needServer(t, 'clickhouse')) return;
  assert.equal(GRANTS.length, 6);
  const lacking = GRANTS.map((grant, at) => ({
    name: `without${at}`,
    grant,
    grants: GRANTS.filter((other) => other !== grant),
  }));
  const full = { name: 'scoreline', grants: GRANTS };
  const server = await serverWithUsers(t, [full, ...lacking]);
  for (const { name, grant } of lacking) {
    for (const table of ['log_scores', 'scoreline_migrations']) {
      await server.admin.command({ query: `DROP TABLE IF EXISTS ntp.${table} SYNC` });
    }
    await assert.rejects(testSink(t, server.env(name)).start(), (error: ConfigError) => {
      assert.equal(error.action, 'configure', `${grant}: ${error.message}`);
      const [, statement, on] = /^GRANT (.*) ON (.*) TO .*;/.exec(error.remedy ?? '') ?? [];
      assert.ok(statement && grant.includes(statement), `${grant}: ${error.remedy}`);
      assert.ok(on === grant.split(' ON ')[1] || on?.startsWith('ntp.'), error.remedy);
      return true;
    });
  }

  const sink = testSink(t, server.env('scoreline'));
  await sink.start();
  const range = sampleRange(ROWS);
  for (const attempt of [FIRST, REPLAY]) await sink.write(range, attempt, SIGNAL);
  assert.equal(await rowsOf(server), ROWS.length);
});

test('a token counts, whatever the profile of the user says', async (t) => {
  if (!needServer(t, 'clickhouse')) return;
  const settings = { deduplicate_insert: 'disable', deduplicate_insert_select: 'disable' };
  const server = await serverWithUsers(t, [{ name: 'careless', grants: GRANTS, settings }]);
  const sink = testSink(t, server.env('careless'));
  await sink.start();
  for (const attempt of [FIRST, FIRST]) await sink.write(sampleRange(ROWS), attempt, SIGNAL);
  assert.equal(await rowsOf(server), ROWS.length);
});

test('an insert that another user has left behind is told with the grant that ends it', async (t) => {
  if (!needServer(t, 'clickhouse')) return;
  const server = await serverWithUsers(t, [{ name: 'scoreline', grants: GRANTS }]);
  const sink = testSink(t, server.env('scoreline'));
  await sink.start();
  const range = sampleRange(ROWS);
  const left = server.admin.command({ query: 'SELECT sleep(3)', query_id: `${range.identity}.a1` });
  await until(
    async () => {
      const query = `SELECT 1 FROM system.processes WHERE query_id = '${range.identity}.a1'`;
      const answer = await server.admin.query({ query, format: 'JSONEachRow' });
      return (await answer.json()).length === 1;
    },
    { what: 'the insert' },
  );
  await assert.rejects(sink.write(range, REPLAY, SIGNAL), {
    action: 'stop',
    code: 'clickhouse-497',
    remedy: 'GRANT KILL QUERY ON *.* TO scoreline;',
  });
  await left;
});

async function rowsOf({ admin }: ServerWithUsers): Promise<number> {
  const query = 'SELECT count() AS rows FROM ntp.log_scores';
  const answer = await admin.query({ query, format: 'JSONEachRow' });
  const [found] = await answer.json<{ rows: string }>();
  return Number(found?.rows);
}

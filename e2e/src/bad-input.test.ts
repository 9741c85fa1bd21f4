import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { until } from '@scoreline/testing';

import type { BadInput } from './bad-input/bad-input.ts';
import { DESTINATION } from './bad-input/destination.ts';
import { factsOf } from './bad-input/facts.ts';
import { HISTORY } from './bad-input/history.ts';
import { OFFSETS } from './bad-input/offsets.ts';
import { RECORDS } from './bad-input/records.ts';
import { Servers } from './bad-input/servers.ts';
import { SETTINGS } from './bad-input/settings.ts';
import { SERVER, TABLE } from './bad-input/source.ts';
import { told } from './bad-input/told.ts';
import { TOPICS } from './bad-input/topics.ts';
import { UNREACHABLE } from './bad-input/unreachable.ts';
import { World } from './bad-input/world.ts';
import type { Service } from './harness/service.ts';

const ROOT = new URL('../../', import.meta.url);

/** Each in a world of its own: most of their time is waiting, so some at once. */
const APART: readonly BadInput[] = [
  ...SETTINGS,
  ...UNREACHABLE,
  ...TABLE,
  ...TOPICS,
  ...DESTINATION,
  ...RECORDS,
  ...OFFSETS,
];
const AT_ONCE = 3;

/** These spoil a server for all who use it. */
const ALONE: readonly BadInput[] = [...SERVER, ...HISTORY];

/** Longer is a hang to whoever waits for the reason. */
const EXIT_MS = 75_000;

describe('a service stops with one clear error, and leaves offsets and rows alone, when', () => {
  const servers = new Servers();
  let worlds = 0;
  before(() => servers.start(), { timeout: 180_000 });
  after(() => servers.destroy());

  const walk = (bad: BadInput): void => {
    test(bad.name, { timeout: 200_000 }, async (t) => {
      const world = new World(servers, ++worlds);
      t.after(() => world.end());
      await world.create();
      if (bad.given === 'captured' || bad.given === 'landed') await world.capture();
      if (bad.given === 'landed') await world.land();
      await bad.wrong?.(world);
      const { code, output, facts } = await outcome(bad, world);
      const { text, code: errorCode, errors } = told(output);
      t.diagnostic(`exit ${code}, ${errorCode ?? 'plain'}: ${text}`);

      assert.equal(code, bad.exitCode, output);
      assert.equal(errors, 1, `one error and no other:\n${output}`);
      assert.equal(errorCode, bad.code ?? null, text);
      for (const words of bad.says.map((one) => world.fill(one)))
        assert.ok(text.includes(words), `${words}\nis not in\n${text}`);
      for (const secret of bad.hides ?? [])
        assert.ok(!output.includes(secret), `${secret}\nis in\n${output}`);
      for (const [page] of text.matchAll(/\bdocs\/[\w-]+\.md\b/g))
        assert.ok(existsSync(new URL(page, ROOT)), `there is no ${page}`);
      assert.deepEqual(facts.after, facts.before);
    });
  };
  describe('the fault is its own', { concurrency: AT_ONCE }, () => APART.forEach(walk));
  describe('the server is wrong for all', () => ALONE.forEach(walk));

  test('a topic has other partitions than asked for: it keeps them, and the log says so', async (t) => {
    const world = new World(servers, ++worlds);
    t.after(() => world.end());
    await world.create();
    await world.createTopic(world.topic, {}, 3);
    const capture = world.service('capture', { topic_partitions: '5' });
    await capture.start();
    await capture.ready();
    assert.match(capture.output, /has 3 partitions, topic_partitions is 5: it keeps its own/);
    assert.equal((await capture.stop()).code, 0);
    assert.equal((await servers.ends(world.topic))?.length, 3);
  });
});

async function outcome(bad: BadInput, world: World) {
  const service = world.service(bad.service, bad.settings);
  let before = await factsOf(world);
  await service.start();
  if (bad.meanwhile !== undefined) {
    await service.ready();
    before = await factsOf(world);
    await bad.meanwhile(world);
  }
  const code = await exitCode(service);
  return { code, output: service.output, facts: { before, after: await factsOf(world) } };
}

async function exitCode(service: Service): Promise<number | null> {
  await until(() => !service.running, {
    what: `the end of ${service.label}`,
    timeoutMs: EXIT_MS,
  }).catch(async (error: unknown) => {
    await service.kill();
    throw new Error(`${String(error)}\n${service.output}`, { cause: error });
  });
  return (await service.exited()).code;
}

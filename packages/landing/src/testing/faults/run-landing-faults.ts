import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { needServer } from '@scoreline/testing';

import type { Archive, Place } from './archive.ts';
import { DEATHS } from './deaths.ts';
import { DOUBTS } from './doubts.ts';
import { type LandingFault, outcomeText } from './fault.ts';
import { GROUP_FAULTS } from './group-faults.ts';
import { KAFKA_FAULTS } from './kafka-faults.ts';
import { LandingScene } from './landing-scene.ts';
import { SPOOL_FAULTS } from './spool-faults.ts';
import { WRITE_FAULTS } from './write-faults.ts';

const ROWS_AFTER = 40;
/** Faults at a time that have processes of their own: most of them wait most of the time. */
const LANES = 2;
/** On a machine that is busy with other tests, several times what it takes. */
const TABLE_MS = 600_000;

/**
 * Registers the table of faults for one sink: each happens to its real process, shows that it did, and must
 * come to what the table says, with the topic and the destination compared row by row. Those that need no
 * processes of their own happen to the same ones, in turn: what one leaves behind meets the next.
 */
export function landingFaults<P extends Place>(archive: Archive<P>): void {
  const faults: readonly LandingFault<P>[] = [
    ...WRITE_FAULTS,
    ...archive.faults,
    ...KAFKA_FAULTS,
    ...DOUBTS,
    ...DEATHS,
    ...GROUP_FAULTS,
    ...(archive.spooling === null ? [] : SPOOL_FAULTS),
  ];
  const apart = faults.filter((fault) => fault.isApart === true);
  const inTurn = faults.filter((fault) => fault.isApart !== true);
  test(`${archive.sink}, when`, { concurrency: LANES + 1, timeout: TABLE_MS }, async (t) => {
    const brokers = needServer(t, 'kafka');
    if (!brokers) return;
    const scene = await LandingScene.open(t, archive, brokers);
    if (scene === null) return;
    const alone = (fault: LandingFault<P>) =>
      t.test(fault.name, async (own) => {
        const itsOwn = await LandingScene.open(own, archive, brokers);
        assert.ok(itsOwn);
        await happen(own, itsOwn, fault);
        await itsOwn.stop();
      });
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (const fault of apart.filter((_one, at) => at % LANES === lane)) await alone(fault);
    });
    await Promise.all([oneAfterAnother(t, scene, inTurn), ...lanes]);
  });
}

async function oneAfterAnother<P extends Place>(
  t: TestContext,
  scene: LandingScene<P>,
  faults: readonly LandingFault<P>[],
): Promise<void> {
  scene.start();
  await scene.produce(ROWS_AFTER);
  await scene.drained();
  let isWhole = true;
  for (const fault of faults) {
    await t.test(fault.name, async (own) => {
      assert.ok(isWhole, 'the fault before this one was not got over');
      isWhole = false;
      scene.mark();
      await happen(own, scene, fault);
      isWhole = true;
    });
  }
  await scene.stop();
}

async function happen<P extends Place>(
  t: TestContext,
  scene: LandingScene<P>,
  fault: LandingFault<P>,
): Promise<void> {
  const { outcome } = fault;
  const fired = await fault.cause(scene);
  assert.ok(fired, 'nothing shows that the fault has happened');
  if (outcome !== 'goes on') {
    await stopped(scene, outcome.stops);
    scene.start(await outcome.mend(scene));
  }
  // That it goes on is seen from these.
  await scene.produce(ROWS_AFTER);
  await scene.drained();
  assert.deepEqual((await scene.inTopic()).differences, [], 'the topic is not what was produced');
  const { rows, lost, repeated, differences } = await scene.landed();
  assert.deepEqual(differences, [], scene.member.output());
  const evidence = fired.replaceAll(/\?[^\s,;]*/g, '');
  const seen = [`${rows} rows`, `${lost} lost`, `${repeated} repeated`];
  t.diagnostic([fault.name, outcomeText(fault), evidence, ...seen].join(' | '));
}

/**
 * The process, and the one that a supervisor starts after it. Where there is no doubt they may go on, past
 * rows that are in the destination and markers; a group without a commit must not begin by itself.
 */
async function stopped(scene: LandingScene, code: string): Promise<void> {
  const commits = async () => scene.p.commits(scene.program.sink);
  assert.equal((await scene.fatal()).code, code, scene.member.output());
  const before = await commits();
  scene.startAgain();
  assert.equal((await scene.fatal()).code, code, scene.member.output());
  const after = await commits();
  assert.deepEqual(new Set(after.keys()), new Set(before.keys()), 'it has begun by itself');
  assert.deepEqual(await scene.passedOver(before, after), [], 'it has gone past what is nowhere');
  const { repeated, foreign } = await scene.landed();
  assert.deepEqual({ repeated, foreign }, { repeated: 0, foreign: 0 });
}

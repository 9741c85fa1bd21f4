import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Checkpoint, LedgerState } from '@scoreline/ledger';

import { CaptureWatch } from './capture-watch.ts';

const SOURCE = { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 } as const;
const signal = new AbortController().signal;

/** The source writes 10 bytes a millisecond; capture is so far behind. */
function watched({ lagMs = 0, stoppedAtMs = Number.POSITIVE_INFINITY } = {}) {
  let nowMs = 100_000;
  const facts = { isRewound: false, hasCheckpoint: true, isOther: false };
  const watch = new CaptureWatch({
    ledger: {
      refresh: async () => {
        const at = Math.min(nowMs, stoppedAtMs) - lagMs;
        const position = { file: 'binlog.000001', offset: at * 10 };
        const checkpoint = { source: SOURCE, position } as Checkpoint;
        return { checkpoint: facts.hasCheckpoint ? checkpoint : null } as LedgerState;
      },
    },
    table: {
      position: async () => ({
        source: SOURCE,
        position: { file: 'binlog.000001', offset: nowMs * 10 },
        gtidSet: '',
      }),
    },
    hasPassed: ({ position }, at) =>
      facts.isOther ? 'other-source' : position.offset >= at.position.offset,
    isRewound: () => facts.isRewound,
    patienceMs: 5_000,
    clock: {
      now: () => nowMs,
      sleep: async (ms) => void (nowMs += ms),
    },
  });
  return { watch, facts, now: () => nowMs, wait: (ms: number) => (nowMs += ms) };
}

test('what the binlog has is waited for, and no longer than one has patience', async () => {
  const { watch, now } = watched({ lagMs: 1_000 });
  await watch.catchUp(signal);
  assert.equal(now(), 101_000);
  await assert.rejects(watched({ stoppedAtMs: 0 }).watch.catchUp(signal), {
    code: 'capture-behind',
    message: /has not passed binlog\.000001:1000000 in 5 s/,
  });
});

test('a ledger without a checkpoint, another source and a rewound one prove nothing', async () => {
  for (const [fact, code] of [
    [{ hasCheckpoint: false }, 'capture-behind'],
    [{ isOther: true }, 'capture-other-source'],
    [{ isRewound: true }, 'source-rewound'],
  ] as const) {
    const { watch, facts } = watched();
    Object.assign(facts, fact);
    await assert.rejects(watch.catchUp(signal), { code });
  }
});

test('the lag is the time since the first place that capture has not passed', async () => {
  const { watch, wait } = watched({ lagMs: 3_000 });
  const lags: (number | null)[] = [];
  for (let second = 0; second < 6; second++) {
    lags.push(await watch.lagMs(signal));
    wait(1_000);
  }
  assert.deepEqual(lags, [0, 1_000, 2_000, 2_000, 2_000, 2_000]);
  const stopped = watched({ stoppedAtMs: 50_000 });
  await stopped.watch.lagMs(signal);
  stopped.wait(60_000);
  assert.equal(await stopped.watch.lagMs(signal), 60_000);
});

test('of another source the lag is not known', async () => {
  const { watch, facts } = watched();
  facts.isOther = true;
  assert.equal(await watch.lagMs(signal), null);
});

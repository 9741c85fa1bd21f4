import assert from 'node:assert/strict';

import { EXTREME_ROWS, rowsOf } from './conformance-rows.ts';
import { AGAIN, FIRST, REPLAY, type Trial } from './conformance-trial.ts';
import { sampleRange } from './sample-range.ts';
import { type SampleRow, sampleRow } from './sample-rows.ts';

export interface ConformanceCase {
  /** Left out where the destination has no such thing. */
  readonly needs?: 'audited' | 'beside' | 'loseAnswer' | 'misfit' | 'stall' | 'tear';
  readonly hold: (trial: Trial) => Promise<void>;
}

/** Moments at which a write is given up, spread over the time that one takes. */
const MOMENTS = 8;

const ROWS = rowsOf(1, 1000);
const OTHERS = rowsOf(5001, 1000);
const OTHER_LEDGER = '0c0ffee0-0000-4000-8000-000000000000';

/** What another archiver has left: rows that differ from the range's own, and no late ones. */
const LEFT = ROWS.filter((_, i) => i % 7 !== 3).map((row) => ({ ...row, score: -1 }));
const LATE = ROWS.filter((_, i) => i % 7 === 3);

/** What a sink promises, by its sentence. */
export const CONFORMANCE: Readonly<Record<string, ConformanceCase>> = {
  'a start makes the destination, and may be repeated': {
    async hold(trial) {
      const [one, two] = [await trial.start(), await trial.start()];
      assert.equal(one.at.holdsRows, false);
      assert.deepEqual(two.at, one.at);
      assert.notEqual(one.at.name, '');
      const bytes = Buffer.byteLength(one.at.fingerprint);
      assert.ok(bytes > 0 && bytes <= 512, `a fingerprint of ${bytes} bytes`);
      await trial.holds([]);
    },
  },

  'a destination keeps its fingerprint and rows, and one that is made anew has another': {
    async hold(trial) {
      const before = await trial.start();
      await trial.write(before, { rows: ROWS });
      const after = await trial.start();
      assert.equal(after.at.fingerprint, before.at.fingerprint);
      assert.equal(after.at.holdsRows, true);
      await trial.holds(ROWS);
      await trial.destination.remove();
      const anew = await trial.start();
      assert.notEqual(anew.at.fingerprint, before.at.fingerprint);
      assert.equal(anew.at.holdsRows, false);
      await trial.write(anew, { rows: OTHERS, first: 9000n });
      await trial.holds(OTHERS);
    },
  },

  'a range lands whole, of one row or of many pieces': {
    async hold(trial) {
      const sink = await trial.start();
      const [one, many] = [rowsOf(1, 1), rowsOf(2, 10_000, { attributes: 'a'.repeat(200) })];
      await trial.write(sink, { rows: one });
      await trial.write(sink, { rows: many, first: 1n });
      await trial.holds(one, many);
    },
  },

  'every value is read back as it was': {
    async hold(trial) {
      const rows = trial.options.extremes ?? EXTREME_ROWS;
      await trial.write(await trial.start(), { rows });
      await trial.holds(rows);
    },
  },

  'the same range again changes nothing, whether it is known to be a repeat or not': {
    async hold(trial) {
      const sink = await trial.start();
      for (const attempt of [FIRST, AGAIN, FIRST, REPLAY]) {
        await trial.write(sink, { rows: ROWS }, attempt);
        await trial.holds(ROWS);
      }
    },
  },

  'a range that another process has landed is a no-op, and one that none has started lands': {
    async hold(trial) {
      await trial.write(await trial.start(), { rows: ROWS });
      const next = await trial.start();
      await trial.write(next, { rows: ROWS }, REPLAY);
      await trial.write(next, { rows: OTHERS, first: 1000n }, REPLAY);
      await trial.holds(ROWS, OTHERS);
      await trial.write(await trial.start(), { rows: ROWS }, FIRST);
      await trial.holds(ROWS, OTHERS);
    },
  },

  'ranges of several partitions land side by side, with the same offsets': {
    async hold(trial) {
      const sink = await trial.start();
      const all = [0, 1, 2, 3].map((partition) => rowsOf(partition * 1000 + 1, 500));
      for (const attempt of [FIRST, REPLAY]) {
        await Promise.all(
          all.map((rows, partition) => trial.write(sink, { rows, partition }, attempt)),
        );
        await trial.holds(...all);
      }
    },
  },

  'ranges with the same offsets of another pipeline are never taken for the first': {
    async hold(trial) {
      const sink = await trial.start();
      await trial.write(sink, { rows: ROWS });
      const other = { rows: OTHERS, ledgerUuid: OTHER_LEDGER };
      for (const attempt of [FIRST, REPLAY]) {
        const write = trial.write(sink, other, attempt);
        if (trial.options.otherLedger === 'refused')
          await assert.rejects(write, { action: 'stop' });
        else await write;
      }
      await trial.holds(ROWS, ...(trial.options.otherLedger === 'refused' ? [] : [OTHERS]));
    },
  },

  'what was acknowledged is there, though its process is gone at once': {
    async hold(trial) {
      const landed: SampleRow[] = [];
      for (let i = 0; i < 3; i++) {
        const rows = rowsOf(i * 1000 + 1, 1000);
        const controller = new AbortController();
        const of = { rows, first: BigInt(i * 1000) };
        await trial.write(await trial.start(), of, FIRST, controller.signal);
        controller.abort();
        landed.push(...rows);
        await trial.holds(landed);
      }
    },
  },

  'a write whose partition is gone before it begins starts nothing': {
    async hold(trial) {
      const sink = await trial.start();
      for (const attempt of [FIRST, REPLAY]) {
        await assert.rejects(trial.write(sink, { rows: ROWS }, attempt, AbortSignal.abort()));
      }
      await trial.holds([]);
    },
  },

  'a write is given up at any moment, and another process lands the range once': {
    async hold(trial) {
      const [dying, next] = [await trial.start(), await trial.start()];
      const of = (moment: number) => ({
        rows: rowsOf(moment * 1000 + 1, 1000),
        first: BigInt(moment * 1000),
      });
      const began = performance.now();
      await trial.write(dying, of(0));
      const tookMs = performance.now() - began;
      for (let moment = 1; moment <= MOMENTS; moment++) {
        const controller = new AbortController();
        const write = trial.write(dying, of(moment), FIRST, controller.signal);
        const timer = setTimeout(() => controller.abort(), (tookMs * (moment - 1)) / MOMENTS);
        // The first is given up in the same turn, before anything was sent.
        if (moment === 1) controller.abort();
        await trial.abandoned(write);
        clearTimeout(timer);
        controller.abort();
        await trial.lands(next, of(moment), REPLAY);
      }
      await trial.holds(...Array.from({ length: MOMENTS + 1 }, (_, moment) => of(moment).rows));
    },
  },

  'an answer that is lost is asked for again, by the same process and by another': {
    needs: 'loseAnswer',
    async hold(trial) {
      const sink = await trial.start();
      trial.options.loseAnswer?.(trial.destination);
      await assert.rejects(trial.write(sink, { rows: ROWS }), { action: 'retry' });
      await trial.lands(sink, { rows: ROWS }, AGAIN);
      await trial.holds(ROWS);
      const others = { rows: OTHERS, first: 1000n };
      trial.options.loseAnswer?.(trial.destination);
      await assert.rejects(trial.write(sink, others), { action: 'retry' });
      await trial.lands(await trial.start(), others, REPLAY);
      await trial.holds(ROWS, OTHERS);
    },
  },

  'a write that hangs rejects soon when it is aborted, and another process lands the range': {
    needs: 'stall',
    async hold(trial) {
      const [dying, next] = [await trial.start(), await trial.start()];
      const controller = new AbortController();
      const stall = trial.options.stall?.(trial.destination);
      const write = trial.write(dying, { rows: ROWS }, FIRST, controller.signal);
      await Promise.race([stall?.reached, write]);
      controller.abort();
      assert.equal(await trial.abandoned(write), false, 'the write was hanging');
      stall?.release();
      await trial.lands(next, { rows: ROWS }, REPLAY);
      await trial.holds(ROWS);
    },
  },

  'a row that does not fit is poison by its number, and nothing of its range is there': {
    needs: 'misfit',
    async hold(trial) {
      const { misfit } = trial.options;
      assert.ok(misfit);
      const sink = await trial.start();
      const rows = [...ROWS.slice(0, 500), misfit, ...ROWS.slice(500)];
      for (const attempt of [FIRST, AGAIN, REPLAY]) {
        await assert.rejects(trial.write(sink, { rows }, attempt), { action: 'poison', row: 500 });
        await trial.holds([]);
      }
      await trial.write(sink, { rows: ROWS.slice(0, 500) });
      await trial.write(sink, { rows: ROWS.slice(500), first: 501n });
      await trial.holds(ROWS);
    },
  },

  'rows that others have left stay as they are, and what they have not lands': {
    needs: 'beside',
    async hold(trial) {
      const sink = await trial.start();
      assert.equal(await trial.heldUpTo(sink), null);
      await trial.write(sink, { rows: LEFT, ledgerUuid: OTHER_LEDGER });
      const heldUpTo = (await trial.heldUpTo(sink)) ?? -1;
      assert.equal(heldUpTo, 1000);
      const next = await trial.start();
      for (const attempt of [FIRST, AGAIN]) {
        await trial.write(sink, { rows: ROWS }, { ...attempt, heldUpTo });
        await trial.holds(LEFT, LATE);
      }
      for (const attempt of [REPLAY, FIRST]) {
        await trial.write(next, { rows: ROWS }, { ...attempt, heldUpTo });
      }
      const all = { rows: ROWS.slice(0, 500), partition: 1 };
      const none = { rows: OTHERS, first: 2000n };
      for (const range of [all, none]) {
        await trial.write(sink, range, { ...FIRST, heldUpTo: 6000 });
        await trial.write(next, range, { ...REPLAY, heldUpTo: 6000 });
      }
      await trial.holds(LEFT, LATE, OTHERS);
    },
  },

  'a write beside rows of others is given up at any moment, and another lands what is left': {
    needs: 'beside',
    async hold(trial) {
      const [dying, next] = [await trial.start(), await trial.start()];
      const of = (moment: number) => ({
        rows: rowsOf(moment * 1000 + 1, 1000),
        first: BigInt(moment * 1000),
      });
      const moments = Array.from({ length: MOMENTS / 2 }, (_, moment) => moment);
      const left = moments.flatMap((moment) => of(moment).rows.filter(({ id }) => id % 3 > 0));
      await trial.write(dying, { rows: left, ledgerUuid: OTHER_LEDGER });
      const heldUpTo = moments.length * 1000;
      const began = performance.now();
      await trial.write(dying, of(0), { ...FIRST, heldUpTo });
      const tookMs = performance.now() - began;
      for (const moment of moments.slice(1)) {
        const controller = new AbortController();
        const attempt = { ...FIRST, heldUpTo };
        const write = trial.write(dying, of(moment), attempt, controller.signal);
        const soonMs = (tookMs * (moment - 1)) / moments.length;
        const timer = setTimeout(() => controller.abort(), soonMs);
        await trial.abandoned(write);
        clearTimeout(timer);
        controller.abort();
        await trial.lands(next, of(moment), { ...REPLAY, heldUpTo });
      }
      await trial.holds(...moments.map((moment) => of(moment).rows));
    },
  },

  'rows of others above those of before stop a range that none has started': {
    needs: 'beside',
    async hold(trial) {
      const sink = await trial.start();
      const others = ROWS.slice(0, 600);
      await trial.write(sink, { rows: others, ledgerUuid: OTHER_LEDGER });
      const refused = trial.write(sink, { rows: ROWS }, { ...FIRST, heldUpTo: 599 });
      await assert.rejects(refused, { action: 'stop', code: 'existing-rows-grow' });
      await trial.holds(others);
      await trial.write(sink, { rows: ROWS }, { ...FIRST, heldUpTo: 600 });
      await trial.holds(ROWS);
    },
  },

  'the ids that are there are told, each as often as it is there': {
    needs: 'audited',
    async hold(trial) {
      const sink = await trial.start();
      assert.deepEqual(await trial.heldIds(sink), []);
      const apart = [0, 63, 64, 65_535, 65_536, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 2];
      await trial.write(sink, { rows: ROWS });
      await trial.write(sink, {
        rows: apart.map((id) => sampleRow(id, { ts: ROWS[0]!.ts })),
        first: 2000n,
      });
      await trial.write(sink, { rows: ROWS.slice(10, 20), first: 3000n });
      await trial.write(sink, { rows: ROWS.slice(15, 17), first: 4000n });
      const all = (await trial.destination.rows()).map(({ id }) => id).sort((a, b) => a - b);
      assert.equal(all.filter((id) => id === ROWS[15]!.id).length, 3);
      assert.deepEqual(await trial.heldIds(sink), all);
      for (const [from, to] of [
        [11, 20],
        [64, 65_535],
        [2 ** 40 + 7, 2 ** 40 + 7],
        [2 ** 41, 2 ** 42],
      ] as const) {
        const between = all.filter((id) => id >= from && id <= to);
        assert.deepEqual(await trial.heldIds(sink, { from, to }), between);
      }
      await trial.options.tear?.(trial.destination, sampleRange(ROWS));
      const left = (await trial.destination.rows()).map(({ id }) => id);
      assert.deepEqual(
        await trial.heldIds(sink),
        left.sort((a, b) => a - b),
      );
    },
  },

  'a range of which a part is there is completed': {
    needs: 'tear',
    async hold(trial) {
      await trial.write(await trial.start(), { rows: ROWS });
      await trial.options.tear?.(trial.destination, sampleRange(ROWS));
      const left = await trial.destination.rows();
      assert.ok(left.length > 0 && left.length < ROWS.length, `${left.length} rows were left`);
      const next = await trial.start();
      for (let i = 0; i < 2; i++) {
        await trial.write(next, { rows: ROWS }, REPLAY);
        await trial.holds(ROWS);
      }
    },
  },
};

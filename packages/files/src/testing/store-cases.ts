import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';

import { ScorelineError } from '@scoreline/service';
import { type Fault, type FaultProxy, type ProxiedRequest, until } from '@scoreline/testing';

import type { NewObject, ObjectStore } from '../object-store.ts';
import { sampleObject } from './sample-object.ts';

/** A store of the test's, behind a proxy that can spoil what it asks for. */
export interface TestStore {
  /** Started. */
  readonly store: ObjectStore;
  readonly proxy: FaultProxy;
  /** The one request that creates a small object. */
  readonly createsSmall: (request: ProxiedRequest) => boolean;
  /** The second piece of a large one. */
  readonly sendsPiece: (request: ProxiedRequest) => boolean;
  /** The request after which a large one is there. */
  readonly createsLarge: (request: ProxiedRequest) => boolean;
  readonly deletes: (request: ProxiedRequest) => boolean;
  /** An emulator that does not look at the checksum of a large object, as the real one does. */
  readonly keepsDamagedLarge?: boolean;
  readonly forbidden: Fault;
  readonly tooMany: Fault;
  /** A program that creates the object in its first argument, given as JSON, and prints the outcome. */
  readonly program: readonly string[];
}

const SMALL = 100_000;
const LARGE = 2 * 8 * 2 ** 20 + 4321;
const SIGNAL: AbortSignal = new AbortController().signal;

/** What every store in the network promises, with everything that can go wrong on the way. */
export function storeCases(open: (t: TestContext) => Promise<TestStore | null>): void {
  const storeTest = (title: string, run: (t: TestContext, world: TestStore) => Promise<void>) => {
    test(title, async (t) => {
      const world = await open(t);
      if (world === null) return;
      await run(t, world);
      assert.deepEqual(world.proxy.requests.filter(world.deletes), [], 'nothing is ever deleted');
    });
  };

  for (const [kind, size] of [
    ['small', SMALL],
    ['large', LARGE],
  ] as const) {
    storeTest(
      `a ${kind} object is created once, and found as it was made`,
      async (t, { store }) => {
        const object = await sampleObject(t, size);
        assert.equal(await store.stat(object.name, SIGNAL), null);
        assert.equal(await store.create(object, SIGNAL), 'created');
        const other = {
          ...(await sampleObject(t, size)),
          name: object.name,
          metadata: { rows: '0' },
        };
        assert.equal(await store.create(other, SIGNAL), 'exists');
        assert.deepEqual(await store.stat(object.name, SIGNAL), factsOf(object));
      },
    );

    storeTest(`the answer to a ${kind} creation is lost: the object is there`, async (t, world) => {
      const { store, proxy, createsSmall, createsLarge } = world;
      const object = await sampleObject(t, size);
      proxy.next(size === SMALL ? createsSmall : createsLarge, { kind: 'lose-answer' });
      const outcome = await persistently(store, object);
      // Whoever puts parts together may say once more that they were.
      if (size === SMALL) assert.equal(outcome, 'exists');
      assert.deepEqual(await store.stat(object.name, SIGNAL), factsOf(object));
      assert.equal(await store.create(object, SIGNAL), 'exists');
      assert.equal(proxy.fired.length, 1);
    });

    storeTest(`the upload of a ${kind} object is cut off: it begins again`, async (t, world) => {
      const { store, proxy, createsSmall, sendsPiece } = world;
      const object = await sampleObject(t, size);
      proxy.next(size === SMALL ? createsSmall : sendsPiece, { kind: 'cut', afterBytes: 50_000 });
      assert.equal(await persistently(store, object), 'created');
      assert.deepEqual(await store.stat(object.name, SIGNAL), factsOf(object));
      assert.equal(proxy.fired.length, 1);
    });

    storeTest(
      `a ${kind} object is damaged on its way: that is never what is there`,
      async (t, world) => {
        const { store, proxy, createsSmall, sendsPiece } = world;
        const object = await sampleObject(t, size);
        proxy.next(size === SMALL ? createsSmall : sendsPiece, { kind: 'damage', atByte: 50_000 });
        if (size === LARGE && world.keepsDamagedLarge === true) {
          const isCorrupt = { code: 'object-corrupt', action: 'stop' };
          await assert.rejects(persistently(store, object), isCorrupt);
          // Nor by a process that has not seen how it came there.
          await assert.rejects(store.stat(object.name, SIGNAL), isCorrupt);
        } else {
          assert.equal(await persistently(store, object), 'created');
          assert.deepEqual(await store.stat(object.name, SIGNAL), factsOf(object));
        }
        assert.equal(proxy.fired.length, 1);
      },
    );

    storeTest(
      `an abort ends the creation of a ${kind} object that nobody answers`,
      async (t, world) => {
        const { store, proxy, createsSmall, sendsPiece } = world;
        const object = await sampleObject(t, size);
        proxy.next(size === SMALL ? createsSmall : sendsPiece, { kind: 'hold', afterBytes: 10 });
        const controller = new AbortController();
        const creating = store.create(object, controller.signal);
        await until(() => proxy.fired.length === 1, { what: 'the upload', everyMs: 5 });
        controller.abort(new Error('not ours any more'));
        await assert.rejects(creating, /not ours any more/);
        const asked = proxy.requests.length;
        assert.equal(await store.create(object, SIGNAL), 'created');
        assert.ok(proxy.requests.length > asked);
      },
    );

    storeTest(
      `a process is killed while it sends a ${kind} object: the next one sends it`,
      async (t, world) => {
        const { store, proxy, createsSmall, sendsPiece, program } = world;
        const object = await sampleObject(t, size);
        proxy.next(size === SMALL ? createsSmall : sendsPiece, {
          kind: 'hold',
          afterBytes: 50_000,
        });
        const child = start(t, program, object);
        await until(() => proxy.fired.length === 1, { what: 'the upload', everyMs: 5 });
        child.kill('SIGKILL');
        await once(child, 'exit');
        assert.equal(await store.stat(object.name, SIGNAL), null);
        assert.equal(await store.create(object, SIGNAL), 'created');
      },
    );
  }

  storeTest('of twenty creations at a time one wins', async (t, { store }) => {
    const object = await sampleObject(t, SMALL);
    const racers = Array.from({ length: 20 }, (_, racer) => ({
      ...object,
      metadata: { racer: String(racer) },
    }));
    const outcomes = await Promise.all(racers.map((racer) => persistently(store, racer)));
    assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1);
    const winner = String(outcomes.indexOf('created'));
    assert.deepEqual((await store.stat(object.name, SIGNAL))?.metadata, { racer: winner });
  });

  storeTest('a storm of refusals is sat out', async (t, world) => {
    const { store, proxy, createsSmall, tooMany } = world;
    const object = await sampleObject(t, SMALL);
    proxy.next(createsSmall, { kind: 'answer', status: 503 }, 4);
    proxy.next(createsSmall, { kind: 'answer', status: 429 }, 4);
    proxy.next(createsSmall, tooMany, 4);
    assert.equal(await persistently(store, object), 'created');
    assert.equal(proxy.fired.length, 12);
  });

  storeTest('what is not allowed stops, with the rights that are missing', async (t, world) => {
    const { store, proxy, createsSmall, forbidden } = world;
    const object = await sampleObject(t, SMALL);
    proxy.next(createsSmall, forbidden);
    await assert.rejects(store.create(object, SIGNAL), (error: ScorelineError) => {
      assert.equal(error.action, 'stop');
      assert.match(error.code, /-forbidden$/);
      assert.match(error.remedy ?? '', /object/i);
      return true;
    });
    assert.equal(proxy.fired.length, 1);
  });

  storeTest('a file that was changed on this disk is not completed', async (t, { store }) => {
    for (const size of [SMALL, LARGE]) {
      const object = await sampleObject(t, size);
      await writeFile(object.path, Buffer.alloc(size));
      await assert.rejects(store.create(object, SIGNAL), { code: 'local-file-changed' });
      assert.equal(await store.stat(object.name, SIGNAL), null);
    }
  });
}

/** As landing does, without the waits. */
async function persistently(store: ObjectStore, object: NewObject): Promise<'created' | 'exists'> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.create(object, SIGNAL);
    } catch (error) {
      if (attempt === 20 || !(error instanceof ScorelineError) || error.action !== 'retry')
        throw error;
    }
  }
}

function start(t: TestContext, program: readonly string[], object: NewObject): ChildProcess {
  const child = spawn(process.execPath, [...program, JSON.stringify(object)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function factsOf({ size, metadata }: NewObject) {
  return { size, metadata };
}

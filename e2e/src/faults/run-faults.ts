import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Comparison } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { told } from '../bad-input/told.ts';
import { Pipeline, type PipelineOptions, TO_TOPIC } from '../harness/pipeline.ts';
import type { Service } from '../harness/service.ts';
import { faultLine } from './fault-line.ts';
import type { Fault, Stop } from './fault.ts';
import { Scene } from './scene.ts';

/** Committed after the fault: that capture goes on is seen from these. */
const ROWS_AFTER = 200;
const STOP_MS = 60_000;

/**
 * Registers a test for each fault: capture runs under traffic, the fault happens, shows that it did, and
 * must come to what the table says, with table and topic compared row by row.
 */
export function runFaults(
  title: string,
  faults: readonly Fault[],
  options: PipelineOptions = {},
): void {
  describe(title, () => {
    const pipeline = new Pipeline({ servers: TO_TOPIC, ...options });
    before(() => pipeline.start(), { timeout: 180_000 });
    after(() => pipeline.destroy());

    for (const [index, fault] of faults.entries()) {
      test(fault.name, { timeout: 180_000 }, async (t) => {
        const scene = new Scene(t, pipeline, { number: index + 1, server: fault.server });
        await scene.begin(fault);
        const fired = await fault.cause(scene).catch((cause: unknown) => {
          throw new Error(`${String(cause)}\n${scene.capture.output}`, { cause });
        });
        assert.ok(fired, 'nothing shows that the fault has happened');
        const { outcome, name } = fault;
        const comparison =
          outcome === 'goes on' ? await wentOn(scene) : await stopped(scene, outcome);
        t.diagnostic(faultLine({ name, outcome, fired, comparison }));
      });
    }
  });
}

async function wentOn(scene: Scene): Promise<Comparison> {
  const { capture, load } = scene;
  await scene.rowsCommitted(ROWS_AFTER);
  await load.end();
  await capture.ready();
  return identical(scene);
}

async function identical(scene: Scene): Promise<Comparison> {
  const comparison = await scene.settle();
  assert.ok(comparison.identical, `${comparison.lines.join('\n')}\n${scene.capture.output}`);
  return comparison;
}

async function stopped(scene: Scene, { stops, exitCode = 1, again }: Stop): Promise<Comparison> {
  const { capture, load } = scene;
  await endsWith(capture, stops, exitCode);
  await load.end();
  if (again === 'goes on') {
    await capture.start();
    await capture.ready();
    return identical(scene);
  }
  // A supervisor starts it again, and that must not get it past the fault.
  if (again !== null) {
    await capture.start();
    await endsWith(capture, again ?? stops, null);
  }
  const comparison = await scene.compare();
  const { extra, doubled, differing } = comparison.differences['topic']!;
  const wrong = extra.count + doubled.count + differing.count;
  assert.equal(wrong, 0, comparison.lines.join('\n'));
  return comparison;
}

/** Waits for the end of a process. `exitCode` is null where any but 0 will do. */
async function endsWith(capture: Service, stops: string, exitCode: number | null): Promise<void> {
  await until(() => !capture.running, { what: `the stop: ${stops}`, timeoutMs: STOP_MS }).catch(
    (cause: unknown) => {
      throw new Error(`${String(cause)}\n${capture.output}`, { cause });
    },
  );
  const { code } = await capture.exited();
  const said = told(capture.output);
  assert.equal(said.code, stops, capture.output);
  assert.equal(said.errors, 1, capture.output);
  if (exitCode === null) assert.ok(code === 1 || code === 2, `exit code ${code}`);
  else assert.equal(code, exitCode, capture.output);
}

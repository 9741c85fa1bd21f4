import assert from 'node:assert/strict';

import { until } from '@scoreline/testing';

import type { Service } from '../harness/service.ts';
import { names, reasonsIn } from './told.ts';

/** What `--explain` says, for programs. */
export async function explained(purge: Service) {
  const { stdout, output, code } = await purge.run(['--explain', '--format', 'json']);
  let report: unknown;
  try {
    report = JSON.parse(stdout);
  } catch {
    // Nothing could be explained: the text says why.
  }
  const reasons = reasonsIn(report);
  return { code, output, reasons, codes: [...new Set(reasons.map((one) => one.code))] };
}

/** Has a plan printed, and applies that one. */
export async function applyPlan(purge: Service, args: readonly string[]): Promise<void> {
  const plan = await purge.run(args);
  const [, digest] = /--plan-digest[ =](\w+)/.exec(plan.output) ?? [];
  assert.ok(digest, plan.output);
  const done = await purge.run([...args, '--plan-digest', digest]);
  assert.equal(done.code, 0, done.output);
}

/** Waits until /status of the service names these codes, and ends it in good order. */
export async function serviceTells(purge: Service, codes: readonly string[]): Promise<void> {
  await purge.start();
  await until(
    async () => {
      const status = JSON.stringify(await purge.status());
      return codes.every((code) => names(status, code));
    },
    { what: `${codes.join(' and ')} in /status` },
  ).catch((cause: unknown) => {
    throw new Error(`${String(cause)}\n${purge.output}`, { cause });
  });
  assert.equal((await purge.stop()).code, 0, purge.output);
}

import { until } from '@scoreline/testing';

import { logRecord } from '../harness/log-record.ts';
import type { Service } from '../harness/service.ts';

/**
 * What capture says of the first error that ended a session. Rejects when none comes, or another one than
 * `wanted`: what did not get as far as that has not happened to it.
 */
export async function sessionEnded(capture: Service, wanted = /./): Promise<string> {
  const said = await warned(capture, 'the session has ended; beginning again');
  if (!wanted.test(said)) throw new Error(`the session ended by something else: ${said}`);
  return said;
}

/** What it says of the loss of its lock. */
export function lockLost(capture: Service): Promise<string> {
  return warned(capture, 'no longer leading');
}

async function warned(capture: Service, begins: string): Promise<string> {
  const { code, message } = await until(() => logRecord(capture.output, begins)?.err, {
    what: `"${begins}"`,
    timeoutMs: 60_000,
  });
  return `${code}, ${message}`;
}

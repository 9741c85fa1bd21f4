import type { Backlog } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { type CaptureRun, startCapture, topicOf } from '../capture/capture-service.ts';
import { assertIdentical, avroId } from '../identity.ts';
import { readIdentity, watchTopic } from '../topics.ts';
import type { LandingSource } from './landing-contender.ts';

/**
 * The topic that is landed is capture's own: its transactions, its batches, its ledger.
 *
 * @param run of a capture that has begun before the backlog.
 */
export async function fillTopic(
  bench: Bench,
  { identity }: Backlog,
  run: CaptureRun,
): Promise<LandingSource> {
  const topic = topicOf(run);
  const rows = identity.count;
  const capture = await startCapture(bench, run, { log: 'fill', initial: 'now' });
  try {
    await watchTopic(bench, { topic, rows, process: capture });
  } finally {
    await capture.stop();
  }
  assertIdentical(
    `topic ${topic}`,
    await readIdentity(bench, { topic, rows, id: avroId }),
    identity,
  );
  return { topic, prefix: run.prefix, identity };
}

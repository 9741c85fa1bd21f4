import { createHash } from 'node:crypto';

/** Of a readable name; the hash after it is what makes ids differ. */
const READABLE = 200;

/**
 * What the load jobs of a range are called, less the attempt: its identity in the characters that
 * BigQuery allows, and a hash of it and the table. The table's fingerprint is part of it: a table that
 * was created anew must not pass for loaded because its predecessor was.
 */
export function jobName(identity: string, fingerprint: string): string {
  const readable = identity.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(-READABLE);
  const hash = createHash('sha256').update(`${identity}\n${fingerprint}`).digest('hex');
  return `scoreline-${readable}-${hash.slice(0, 24)}`;
}

/** Every attempt has an id of its own: BigQuery never takes one twice, not even that of a failed job. */
export function attemptId(name: string, attempt: number): string {
  return `${name}-a${attempt}`;
}

import { randomBytes } from 'node:crypto';

/** A name that no other test uses, for topics, groups and databases: `<prefix>_<8 hex digits>`. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(4).toString('hex')}`;
}

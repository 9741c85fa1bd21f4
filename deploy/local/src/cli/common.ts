import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** Where the stack of a clone, and its demo, live. */
export const LOCAL = fileURLToPath(new URL('../../../../.local/', import.meta.url)).replace(
  /\/$/,
  '',
);

/** For what a person at a terminal can mend: the message, and no stack trace. */
export function die(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

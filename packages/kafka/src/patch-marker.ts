import { PermanentError } from '@scoreline/service';
import kafkajs from 'kafkajs';

/** The patch in `patches/` that this code was written for. */
export const PATCH = 4;

/**
 * kafkajs loses records without its patch, and `npm ci --ignore-scripts` leaves it out silently.
 *
 * @throws PermanentError `kafkajs-unpatched`.
 */
export function assertPatched(found: number | null = kafkajs.scorelinePatch ?? null): void {
  if (found === PATCH) return;
  throw new PermanentError(
    `kafkajs carries ${found === null ? 'no patch' : `patch ${found}`}, needed is patch ${PATCH}`,
    {
      code: 'kafkajs-unpatched',
      remedy:
        'Install with the scripts of package.json on: copy patches/ before npm ci, and leave out --ignore-scripts.',
    },
  );
}

import { isDeepStrictEqual } from 'node:util';

import { ConfigError } from '@scoreline/service';

import type { FoundSource, Resolved, Source } from './source.ts';

/** What reading the settings' files again means for the source that is in use. */
export type SourceChange =
  | { readonly kind: 'same' }
  | { readonly kind: 'wrong'; readonly error: ConfigError }
  | { readonly kind: 'other'; readonly found: FoundSource };

/**
 * A reload changes how the table is reached, never which one it is. A file that went away is wrong even
 * where a DSN in the environment could take its place: it may be on its way back, and that DSN is old.
 */
export function sourceChange(
  held: FoundSource,
  { source, file, problems }: Resolved,
): SourceChange {
  if (held.file !== null && file === null) return wrong(`${held.file} is gone`);
  if (source === null) return wrong(problems.map(({ message }) => message).join('; '));
  if (isDeepStrictEqual(reach(source), reach(held.source))) return { kind: 'same' };
  if (source.database !== held.source.database) {
    return wrong(
      `${file ?? source.origin} names the database ${JSON.stringify(source.database)}, and ${JSON.stringify(held.source.database)} is in use`,
      'A reload changes how a table is reached, not which one it is. To use another database, restart; a ledger belongs to one table, so give it another topic_prefix too.',
    );
  }
  return { kind: 'other', found: { source, file: file ?? held.file } };
}

/** What a connection depends on: where its description was found is not a part of it. */
function reach({ origin: _origin, ignored: _ignored, ...rest }: Source): Partial<Source> {
  return rest;
}

function wrong(
  what: string,
  remedy = 'Correct the file; until then the source as it was stays in use.',
): SourceChange {
  return { kind: 'wrong', error: new ConfigError(what, { code: 'source-reload', remedy }) };
}

import fc from 'fast-check';

import type { Checkpoint } from '../checkpoint.ts';

// avsc ends one below Number.MAX_SAFE_INTEGER.
const long = fc.integer({ min: 0, max: 2 ** 53 - 2 });
const position = fc.record({ file: fc.string(), offset: long });

/** Any checkpoint. */
export const checkpoints: fc.Arbitrary<Checkpoint> = fc.record({
  ledgerUuid: fc.uuid(),
  source: fc.record({
    flavour: fc.constantFrom('mariadb', 'mysql'),
    serverUuid: fc.string(),
    serverId: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  }),
  position,
  gtidSet: fc.string(),
  event: fc.option(
    fc.record({
      file: fc.string(),
      start: long,
      end: long,
      crc32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    }),
    { nil: null },
  ),
  commitTimeMs: long,
  openGroup: fc.option(fc.record({ start: position, end: position, rows: long }), { nil: null }),
  startFloor: fc.record({ position, id: long }),
  reconcile: fc.option(
    fc.record({
      reason: fc.constantFrom('initial', 'position_gone', 'new_source', 'request', 'audit'),
      p0: position,
      from: long,
      to: long,
      next: long,
      published: long,
      startedAtMs: long,
    }),
    { nil: null },
  ),
  optionalColumns: fc.array(fc.string(), { maxLength: 2 }),
  topicEnds: fc.dictionary(
    fc.string().map((table) => `${table}-v1`),
    fc.array(long, { maxLength: 8 }),
  ),
});

/** A checkpoint as capture writes it. */
export function checkpoint(ledgerUuid: string, offset = 4711): Checkpoint {
  const position = { file: 'binlog.000042', offset };
  return {
    ledgerUuid,
    source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
    position,
    gtidSet: '0-1-17',
    event: { file: position.file, start: offset - 31, end: offset, crc32: 0xdeadbeef },
    commitTimeMs: 1_763_000_000_000,
    openGroup: null,
    startFloor: { position, id: 0 },
    reconcile: null,
    optionalColumns: ['attributes'],
    topicEnds: { 'log_scores-v1': [1, 2, 3] },
  };
}

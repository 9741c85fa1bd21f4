import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SourceIdentity } from '@scoreline/ledger';

import type { SourcePosition } from '../purge/ports.ts';
import { type Captured, hasPassed, isRewound } from './has-passed.ts';

const MARIADB: SourceIdentity = { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 };
const REPLICA: SourceIdentity = { flavour: 'mariadb', serverUuid: '2-0', serverId: 2 };
const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const MYSQL: SourceIdentity = { flavour: 'mysql', serverUuid: UUID, serverId: 1 };

function captured(file: string, offset: number, rest: Partial<Captured> = {}): Captured {
  const event = { file, start: 4, end: offset, crc32: 1 };
  return { source: MARIADB, position: { file, offset }, gtidSet: '', event, ...rest };
}

function at(file: string, offset: number, rest: Partial<SourcePosition> = {}): SourcePosition {
  return { source: MARIADB, position: { file, offset }, gtidSet: '', ...rest };
}

const CASES: [what: string, Captured, SourcePosition, boolean | 'other-source'][] = [
  ['the same place', captured('b.000002', 100), at('b.000002', 100), true],
  ['behind it', captured('b.000002', 101), at('b.000002', 100), true],
  ['before it', captured('b.000002', 99), at('b.000002', 100), false],
  ['a file behind', captured('b.000003', 4), at('b.000002', 100), true],
  ['a file with one more digit', captured('b.1000000', 4), at('b.999999', 100), true],
  ['a file before', captured('b.000001', 999), at('b.000002', 100), false],
  ['a binlog of another name', captured('b.000009', 4), at('c.000001', 4), 'other-source'],
  [
    'another server without GTIDs',
    captured('b.000009', 4, { source: REPLICA }),
    at('b.000001', 4),
    'other-source',
  ],
  [
    'a replica that has the group',
    captured('b.000001', 4, { source: REPLICA, gtidSet: '0-1-7' }),
    at('b.000009', 4, { gtidSet: '0-1-7' }),
    true,
  ],
  [
    'a replica that lacks it, whatever its positions are',
    captured('b.000099', 4, { source: REPLICA, gtidSet: '0-1-6' }),
    at('b.000009', 4, { gtidSet: '0-1-7' }),
    false,
  ],
  [
    'another server that wrote on',
    captured('b.000001', 4, { source: REPLICA, gtidSet: '0-2-8' }),
    at('b.000009', 4, { gtidSet: '0-1-7' }),
    'other-source',
  ],
  [
    'a position that does not count yet',
    captured('b.000009', 4, { event: null, gtidSet: '0-1-6' }),
    at('b.000001', 4, { gtidSet: '0-1-7' }),
    false,
  ],
  ['nothing of the file read', captured('b.000009', 4, { event: null }), at('b.000008', 9), true],
  [
    'GTIDs of another flavour',
    captured('b.000009', 4, { gtidSet: '0-1-6' }),
    at('b.000001', 4, { source: MYSQL, gtidSet: `${UUID}:1` }),
    'other-source',
  ],
  [
    'a MySQL set that has all',
    captured('b.000009', 4, {
      source: { ...MYSQL, serverUuid: 'other' },
      gtidSet: `${UUID}:1-9`,
    }),
    at('b.000001', 4, { source: MYSQL, gtidSet: `${UUID}:1-9` }),
    true,
  ],
];

test('capture has passed a position when nothing that was before it can still come', () => {
  for (const [what, checkpoint, position, answer] of CASES) {
    assert.equal(hasPassed(checkpoint, position), answer, what);
  }
});

test('a binlog that ends before what was captured of it was reset', () => {
  assert.equal(isRewound(captured('b.000002', 101), at('b.000002', 100)), true);
  assert.equal(isRewound(captured('b.000042', 4), at('b.000001', 4)), true);
  assert.equal(isRewound(captured('b.000002', 100), at('b.000002', 100)), false);
  assert.equal(isRewound(captured('b.000042', 4, { source: REPLICA }), at('b.000001', 4)), false);
});

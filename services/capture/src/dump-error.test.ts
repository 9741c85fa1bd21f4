import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RetryableError } from '@scoreline/service';

import { dumpError } from './dump-error.ts';
import { ResumePoint } from './resume-point.ts';
import { UnreadablePlaces } from './unreadable-places.ts';

const at = new ResumePoint(
  { file: 'binlog.000007', offset: 500 },
  { file: 'binlog.000007', start: 469, end: 500, crc32: 0xabcdef },
);

function codeOf(errno: number, message: string, resuming: boolean, known = false): string {
  const { code, remedy, action } = dumpError(Object.assign(new Error(message), { errno }), {
    resume: at,
    resuming,
    isKnown: () => known,
  });
  assert.ok(action === 'retry' || remedy);
  return `${action} ${code}`;
}

test('what an error of the dump means depends on whether the resume point was found', () => {
  const cases: readonly (readonly [number, string, boolean, string])[] = [
    [
      1236,
      'Could not find first log file name in binary log index file',
      true,
      'retry position-gone',
    ],
    [1236, 'the master has purged binary logs containing GTIDs', true, 'retry position-gone'],
    [1789, 'The source has purged required GTIDs', true, 'retry position-gone'],
    [
      1236,
      'Client requested master to start replication from position > file size',
      true,
      'stop source-rewound',
    ],
    [1236, 'bogus data in log event; the first event ...', true, 'stop source-rewound'],
    [1236, 'bogus data in log event', false, 'retry binlog-unreadable'],
    [1236, 'could not find next log; the first event ...', false, 'retry binlog-unreadable'],
    [
      1236,
      'A replica with the same server_uuid/server_id as this replica has connected',
      false,
      'stop server-id-taken',
    ],
    [
      4052,
      'A slave with the same server_uuid/server_id is already connected; the first event ...',
      false,
      'stop server-id-taken',
    ],
    [1045, 'Access denied for user', true, 'stop source-access-denied'],
    [1227, 'Access denied; you need REPLICATION SLAVE', true, 'stop source-access-denied'],
    [0, 'read ECONNRESET', false, 'retry source-connection'],
    [1053, 'Server shutdown in progress', true, 'retry source-connection'],
  ];
  for (const [errno, message, resuming, wanted] of cases) {
    assert.equal(codeOf(errno, message, resuming), wanted, message);
  }
});

test('what the server cannot read is tried once more, and then told', () => {
  assert.equal(codeOf(1236, 'bogus data', false, true), 'stop binlog-unreadable');
  // The next session that does not even find the place where it begins.
  assert.equal(codeOf(1236, 'bogus data', true, true), 'stop source-rewound');
  const places = new UnreadablePlaces();
  const told = [500, 500, 900, 500, 500].map((offset) =>
    places.isKnown({ file: 'binlog.000007', offset }),
  );
  assert.deepEqual(told, [false, true, false, false, true]);
  assert.ok(!places.isKnown({ file: 'binlog.000008', offset: 500 }));
});

test('an error of ours stays what it is', () => {
  const ours = new RetryableError('silent', { code: 'source-silent' });
  assert.equal(dumpError(ours, { resume: at, resuming: true, isKnown: () => false }), ours);
});

test('a rewound source says what was remembered and what is there', () => {
  const error = dumpError(Object.assign(new Error('bogus data'), { errno: 1236 }), {
    resume: at,
    resuming: true,
    isKnown: () => false,
  });
  assert.match(error.message, /binlog\.000007:469-500 with CRC32 00abcdef.*"bogus data"/);
});

test('a place beyond 4 GiB cannot be asked for: its file is read from the beginning', () => {
  const far = 2 ** 32 + 100;
  const point = new ResumePoint(
    { file: 'binlog.000007', offset: far },
    { file: 'binlog.000007', start: far - 31, end: far, crc32: 1 },
  );
  assert.deepEqual(point.dumpFrom, { file: 'binlog.000007', offset: 4 });
  assert.deepEqual(at.dumpFrom, { file: 'binlog.000007', offset: 469 });
  const seen = (start: number, end: number, crc32: number) =>
    point.passes({ file: 'binlog.000007', start, end, crc32 });
  assert.equal(seen(4, 200, 9), false);
  assert.equal(seen(far - 60, far - 31, 9), false);
  assert.equal(seen(far - 31, far, 1), true);
  assert.throws(() => seen(far - 31, far, 2), /rewound/);
  assert.throws(() => seen(far - 40, far - 20, 2), /rewound/, 'an event across the remembered one');
  assert.throws(() => seen(far, far + 10, 2), /rewound/);
});

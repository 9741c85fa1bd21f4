import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ClickHouseError } from '@clickhouse/client';
import { ConfigError } from '@scoreline/service';

import { inOurTerms, isMisfit, MISFITS, PASSING } from './server-errors.ts';

const server = (code: number) =>
  new ClickHouseError({ message: 'said', code: String(code), type: 'TYPE' });

const CASES: Record<string, { error: unknown; action: string }> = {
  'too many parts': { error: server(252), action: 'retry' },
  'out of memory': { error: server(241), action: 'retry' },
  'the same query is still running': { error: server(216), action: 'retry' },
  'a disk is full': { error: server(243), action: 'retry' },
  'a connection that was refused': {
    error: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    action: 'retry',
  },
  'a timeout of the client': { error: new Error('Timeout error.'), action: 'retry' },
  'a gateway’s page': { error: new Error('<html>502 Bad Gateway</html>'), action: 'retry' },
  'an unknown table': { error: server(60), action: 'stop' },
  'a wrong password': { error: server(516), action: 'stop' },
  'a missing grant': { error: server(497), action: 'stop' },
  'a read-only user': { error: server(164), action: 'stop' },
  'a code that nobody has thought of': { error: server(9999), action: 'stop' },
  'bytes that are not Avro': {
    error: new Error('std::exception. Code: 1001, type: avro::Exception, e.what() = EOF reached'),
    action: 'stop',
  },
};

for (const [what, { error, action }] of Object.entries(CASES)) {
  test(`${action}: ${what}`, () => {
    const ours = inOurTerms(error, 'inserting 5 rows');
    assert.equal(ours.action, action);
    assert.match(ours.message, /^inserting 5 rows: /);
    assert.equal(ours.cause, error);
  });
}

test('errors of ours stay as they are', () => {
  const ours = new ConfigError('x', { code: 'x' });
  assert.equal(inOurTerms(ours, 'inserting'), ours);
});

test('a value that does not fit is neither to be repeated nor the server’s fault', () => {
  assert.ok(isMisfit(server(70)));
  assert.ok(!isMisfit(server(252)));
});

for (const [action, codes] of Object.entries({ retry: PASSING, poison: MISFITS })) {
  test(`docs/sinks/errors.md names every code of ClickHouse that means ${action}, and no others`, () => {
    const page = readFileSync(new URL('../../../docs/sinks/errors.md', import.meta.url), 'utf8');
    const [, clickHouse = ''] = page.split('## ClickHouse');
    const rows = clickHouse.split('\n').filter((line) => line.includes(`| ${action} `));
    const named = rows.flatMap((row) =>
      [...row.matchAll(/\b(\d+) [A-Z][A-Z_\d]+\b/g)].map(([, code]) => Number(code)),
    );
    assert.deepEqual(
      named.toSorted((a, b) => a - b),
      [...codes].toSorted((a, b) => a - b),
    );
  });
}

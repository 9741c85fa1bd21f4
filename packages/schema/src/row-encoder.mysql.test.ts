import { test } from 'node:test';

import { needServer } from '@scoreline/testing';

import { compareWithServer } from './testing/server-cases.ts';

test(
  'every row in the binlog is what zongji, avsc and SELECT say it is',
  { timeout: 60_000 },
  async (t) => {
    const dsn = needServer(t, 'mysql-admin');
    if (dsn !== '') await compareWithServer(t, dsn);
  },
);

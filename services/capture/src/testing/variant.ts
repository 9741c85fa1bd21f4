import { test as nodeTest, type TestContext } from 'node:test';

import type { SqlServerName } from './source-database.ts';

export interface Variant {
  /** False for MySQL with gtid_mode=OFF. */
  readonly gtids?: boolean;
  /** An older release of the server, of which only the main promises are asked. */
  readonly release?: string;
}

type Case = (t: TestContext) => Promise<void>;

/** What cases of a server are called, and which of them a variant of it runs. */
export function casesOf(server: SqlServerName, { gtids = true, release = '' }: Variant) {
  const testMain = (name: string, run: Case): void => {
    nodeTest(name, run);
  };
  const test = (name: string, run: Case): void => {
    if (release === '') nodeTest(name, run);
  };
  /** What has nothing to do with what a binlog looks like. */
  const testOnce = (name: string, run: Case): void => {
    if (gtids) test(name, run);
  };
  const on = (name: string): string =>
    `${server}${release && ` ${release}`}${gtids ? '' : ' without GTIDs'}: ${name}`;
  return { on, test, testMain, testOnce };
}

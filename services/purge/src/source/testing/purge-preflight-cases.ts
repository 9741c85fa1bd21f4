import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from '@scoreline/service';

import { NEEDED, PurgeSource, type SqlServerName } from './purge-source.ts';

const signal = AbortSignal.timeout(120_000);

/** What keeps the purge from beginning on either real server, and what is said about it. */
export function purgePreflightCases(server: SqlServerName): void {
  test(`${server}: a user with the documented grants may purge, and learns what the table is`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const facts = await source.table().preflight(signal);
    assert.equal(facts.identity.flavour, server);
    assert.equal(facts.tsKind, 'datetime');
    assert.deepEqual(facts.references, []);
    assert.deepEqual(
      facts.columns.map(({ name }) => name),
      ['id', 'server_id', 'ts', 'score', 'offset', 'attributes'],
    );
  });

  test(`${server}: every grant that is missing is named, and the remedy gives it`, async (t) => {
    const source = await PurgeSource.create(t, server, { grants: ['SELECT'], globals: '' });
    if (!source) return;
    const said = await refusal(source);
    const grants = ['DELETE', 'TRIGGER', ...NEEDED[server].split(', ')];
    for (const grant of grants) assert.match(said.message, new RegExp(`lacks ${grant}: `));
    for (const remedy of (said.remedy ?? '').split('\n')) await source.admin.query(remedy);
    await source.table().preflight(signal);
  });

  test(`${server}: grants may come through a role`, async (t) => {
    const source = await PurgeSource.create(t, server, { grants: ['SELECT'], globals: '' });
    if (!source) return;
    const { admin } = source;
    const { user, database } = source.source;
    const role = `${user}_role`;
    await admin.query(`CREATE ROLE ${role}`);
    source.cleanUp(() => admin.query(`DROP ROLE ${role}`));
    await admin.query(`GRANT ${NEEDED[server]} ON *.* TO ${role}`);
    await admin.query(`GRANT SELECT, DELETE, TRIGGER ON ${database}.log_scores TO ${role}`);
    await admin.query(`GRANT ${role} TO ${user}@'%'`);
    await admin.query(`SET DEFAULT ROLE ${role} ${server === 'mysql' ? 'TO' : 'FOR'} ${user}@'%'`);
    await source.table().preflight(signal);
  });

  test(`${server}: triggers, keys that cascade, that do not point to the id or that cannot be looked up are refused`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const { admin } = source;
    await admin.query('ALTER TABLE log_scores ADD UNIQUE KEY other (server_id, ts)');
    await admin.query(
      'CREATE TRIGGER `before gone` BEFORE DELETE ON log_scores FOR EACH ROW SET @gone = OLD.id',
    );
    await admin.query(
      'CREATE TRIGGER harmless BEFORE INSERT ON log_scores FOR EACH ROW SET @new = NEW.id',
    );
    await admin.query(
      'CREATE TABLE `casc-ade` (ls bigint unsigned, CONSTRAINT c1 FOREIGN KEY (ls) REFERENCES log_scores (id) ON DELETE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE nulled (ls bigint unsigned, CONSTRAINT c2 FOREIGN KEY (ls) REFERENCES log_scores (id) ON DELETE SET NULL)',
    );
    await admin.query(
      'CREATE TABLE beside (a int unsigned, b datetime, CONSTRAINT c3 FOREIGN KEY (a, b) REFERENCES log_scores (server_id, ts))',
    );
    await admin.query(
      'CREATE TABLE unread (ls bigint unsigned, CONSTRAINT c4 FOREIGN KEY (ls) REFERENCES log_scores (id))',
    );
    const seen = await refusal(source);
    assert.match(seen.message, /the trigger before gone runs when a row/);
    assert.doesNotMatch(seen.message, /harmless/);
    assert.match(seen.message, /the foreign key c1 of .*casc-ade is ON DELETE CASCADE/);
    assert.match(seen.message, /the foreign key c2 of .*nulled is ON DELETE SET NULL/);
    assert.match(seen.message, /the foreign key c3 of .*beside does not point to the id/);
    assert.match(seen.message, /unread points here, and .* may not read which rows it means/);
    for (const child of ['`casc-ade`', 'nulled', 'beside'])
      await admin.query(`DROP TABLE ${child}`);
    await admin.query('DROP TRIGGER `before gone`');
    const [remedy = ''] = ((await refusal(source)).remedy ?? '').split('\n');
    await admin.query(remedy);
    await source.table().preflight(signal);
  });

  test(`${server}: a table without InnoDB, without an id or without a time is refused`, async (t) => {
    const cases: [columns: string, message: RegExp][] = [
      ['(id int NOT NULL AUTO_INCREMENT PRIMARY KEY, ts datetime) ENGINE=MyISAM', /must be InnoDB/],
      ['(a int PRIMARY KEY, ts datetime)', /integer AUTO_INCREMENT column named id/],
      ['(id int NOT NULL AUTO_INCREMENT PRIMARY KEY)', /has no column ts/],
      ['(id int NOT NULL AUTO_INCREMENT PRIMARY KEY, ts int)', /has ts int.*, must have ts as/],
    ];
    for (const [columns, message] of cases) {
      const source = await PurgeSource.create(t, server, { columns });
      if (!source) return;
      assert.match((await refusal(source)).message, message);
    }
  });
}

async function refusal(source: PurgeSource): Promise<ConfigError> {
  try {
    await source.table().preflight(signal);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, 'purge-preflight');
    return error;
  }
  throw new Error('the preflight found nothing wrong');
}

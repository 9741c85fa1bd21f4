import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError, loadConfig, SettingError } from '@scoreline/service';

import { settings } from './config.ts';
import { parseExclude } from './exclude.ts';

test('columns with regular expressions, in the words of JavaScript', () => {
  const rules = (text: string): string[] =>
    parseExclude(text).map(({ column, pattern }) => `${column} ${String(pattern)}`);
  assert.deepEqual(rules('monitor_id=/^17$/'), ['monitor_id /^17$/']);
  assert.deepEqual(
    rules('monitor_id=/^(17|18)$/, attributes=/"error":"i\\/o timeout"/i ,\n error = /[/,\\]]x/u'),
    ['monitor_id /^(17|18)$/', 'attributes /"error":"i\\/o timeout"/i', 'error /[/,\\]]x/u'],
  );
});

test('what is wrong is told with its place', () => {
  const refused = (text: string, at: number, why: RegExp): void => {
    assert.throws(
      () => parseExclude(text),
      (error: unknown) => {
        assert.ok(error instanceof SettingError);
        assert.ok(error.message.startsWith(`at character ${at}, `), error.message);
        assert.match(error.message, why);
        return true;
      },
    );
  };
  refused('17', 1, /must begin here/);
  refused('monitor_id=17', 1, /must begin here/);
  refused('monitor_id=/17/,', 17, /must begin here/);
  refused('mood=/17/', 1, /no column "mood", only id, server_id/);
  refused('ts=/1/, =/17/', 9, /no column ""/);
  refused('monitor_id=/17', 12, /no other one/);
  refused('monitor_id=/17\\/', 12, /no other one/);
  refused('monitor_id=/[17/', 12, /no other one/);
  refused('monitor_id=//', 13, /empty/);
  refused('monitor_id=/17/g', 16, /g is none of the flags i, m/);
  refused('monitor_id=/17/ii', 13, /flags/);
  refused('ts=/x/ monitor_id=/17/', 8, /comma/);
  refused('ts=/x/, rtt=/(/', 14, /Invalid regular expression/);
});

test('a wrong one is a wrong setting', () => {
  assert.throws(
    () => loadConfig(settings, { exclude: 'server_id=/(/' }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /exclude: at character 12, Invalid regular.*, got "server_id=/);
      return true;
    },
  );
});

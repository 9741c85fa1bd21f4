import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from 'zod';

import {
  describeSettings,
  givenSettings,
  loadConfig,
  secretsOf,
  type Environment,
} from './config.ts';
import { ConfigError } from './errors.ts';
import { withRule } from './rules.ts';
import { serviceSettings } from './service-settings.ts';
import {
  byteSize,
  choice,
  duration,
  flag,
  ignored,
  integer,
  list,
  secret,
  text,
  url,
  withFacts,
} from './settings.ts';

const settings = z.object({
  brokers: list().describe('Brokers.'),
  linger: duration('50ms', { max: 10_000 }).describe('Linger.'),
  max_group_bytes: byteSize('32MB', { min: 1 }).describe('Largest group.'),
  partitions: integer(6, { min: 1, max: 100 }).describe('Partitions.'),
  manage: flag(true).describe('Manage.'),
  initial: choice(['now', 'all'], 'now').describe('Initial.'),
  password: secret().optional().describe('Password.'),
  prefix: text('').describe('Prefix.'),
  registry: url(['http', 'https']).describe('Registry.'),
  wait: ignored('Nothing waits.'),
});

const complete = { brokers: 'a:1', registry: 'http://r:8081' };

function refused(env: Environment): ConfigError {
  try {
    loadConfig(settings, env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error;
  }
  throw new assert.AssertionError({ message: 'the settings were accepted' });
}

test('names are read in any case, values become what they mean', () => {
  const config = loadConfig(settings, {
    BROKERS: ' a:1, b:2 ,',
    Linger: '1s',
    max_group_bytes: '1MiB',
    MANAGE: 'FALSE',
    initial: 'all',
    PARTITIONS: '12',
    REGISTRY: 'https://r:8081/api/',
    password: 'hush-hush',
    UNRELATED: 'x',
  });
  assert.deepEqual(
    { ...config },
    {
      brokers: ['a:1', 'b:2'],
      linger: 1000,
      max_group_bytes: 1_048_576,
      partitions: 12,
      manage: false,
      initial: 'all',
      password: 'hush-hush',
      prefix: '',
      registry: 'https://r:8081/api',
    },
  );
});

test('an empty value is an unset one, and defaults are read like values', () => {
  const config = loadConfig(settings, { ...complete, linger: '', PASSWORD: '' });
  assert.equal(config.linger, 50);
  assert.equal(config.max_group_bytes, 32_000_000);
  assert.equal(config.password, undefined);
  assert.equal(config.wait, undefined);
});

test('all that is wrong is told at once, by name, with what was seen', () => {
  const error = refused({
    LINGER: 'soon',
    partitions: '0',
    manage: 'perhaps',
    initial: 'never',
    registry: 'r:8081',
  });
  assert.equal(error.exitCode, 2);
  assert.deepEqual(error.message.split('\n'), [
    '6 settings are wrong:',
    '  brokers: required: one or more items, separated by commas',
    '  linger: expected a duration such as 500ms, 10m or 1h30m from 0ms to 10000ms, got "soon"',
    '  partitions: expected integer from 1 to 100, got "0"',
    '  manage: expected true or false, got "perhaps"',
    '  initial: expected one of now, all, got "never"',
    '  registry: expected a URL such as http://host:port, got "r:8081"',
  ]);
});

test('a setting that is given twice with different values is refused, naming both variables', () => {
  const error = refused({ ...complete, LINGER: '1s', linger: '2s' });
  assert.match(error.message, /linger: LINGER and linger are set to different values/);
  assert.equal(loadConfig(settings, { ...complete, LINGER: '1s', linger: '1s' }).linger, 1000);
});

test('variables of others may differ by case only', () => {
  assert.ok(loadConfig(settings, { ...complete, no_proxy: 'a', NO_PROXY: 'b' }));
});

test('a secret that is refused is not shown', () => {
  const strict = z.object({ password: secret().refine((value) => value.length > 20, 'too short') });
  assert.throws(
    () => loadConfig(strict, { password: 'correct-horse' }),
    (error: Error) =>
      error.message.includes('password: too short') && !error.message.includes('horse'),
  );
});

test('a rule over several settings is told like the others', () => {
  const both = z
    .object({ low: integer(1), high: integer(2) })
    .refine(({ low, high }) => low < high, { path: ['low'], error: 'must be below high' });
  assert.throws(() => loadConfig(both, { low: '5' }), /low: must be below high, got "5"/);
});

test('a rule is checked also when other settings are wrong, on those that are right', () => {
  const seen: unknown[] = [];
  const ruled = withRule(
    z.object({ low: integer(1), high: integer(2), other: integer(), more: integer() }),
    (values) => {
      seen.push({ ...values });
      if ((values.low ?? 0) < (values.high ?? 0)) return [];
      return [{ setting: 'low', message: `low: ${values.low} must be below high, ${values.high}` }];
    },
  );
  assert.throws(
    () => loadConfig(ruled, { low: '5', other: 'x' }),
    (error: Error) => {
      assert.deepEqual(error.message.split('\n').slice(1), [
        '  other: expected integer of at least 0, got "x"',
        '  more: required: integer of at least 0',
        '  low: 5 must be below high, 2',
      ]);
      return true;
    },
  );
  assert.deepEqual(seen, [{ low: 5, high: 2 }]);
  assert.deepEqual(
    { ...loadConfig(ruled, { other: '3', more: '4' }) },
    { low: 1, high: 2, other: 3, more: 4 },
  );
  assert.equal(describeSettings(ruled).length, 4);
});

test('a duration longer than a timer can wait is refused', () => {
  const one = z.object({ interval: duration('1h') });
  assert.equal(loadConfig(one, { interval: '596h' }).interval, 596 * 3_600_000);
  assert.throws(() => loadConfig(one, { interval: '597h' }), /interval: expected a duration/);
});

test('the config knows which settings were given and which values are secret', () => {
  const config = loadConfig(settings, { ...complete, PASSWORD: 'hush-hush' });
  assert.deepEqual([...givenSettings(config)].sort(), ['brokers', 'password', 'registry']);
  assert.equal(secretsOf(config).scrub('pw=hush-hush;'), 'pw=[redacted];');
});

test('settings describe themselves, also behind optional and describe in any order', () => {
  const described = describeSettings(
    z.object({
      a: integer(6, { min: 1 }).describe('One.'),
      b: secret().describe('Two.').optional(),
      c: withFacts(text('t').describe('Three.'), { flag: 'c', newlyEffective: true }),
      d: list().describe('Four.'),
      e: ignored('Five.'),
    }),
  );
  assert.deepEqual(described, [
    {
      name: 'a',
      type: 'integer of at least 1',
      default: '6',
      required: false,
      description: 'One.',
    },
    {
      name: 'b',
      type: 'text',
      default: undefined,
      secret: true,
      required: false,
      description: 'Two.',
    },
    {
      name: 'c',
      type: 'text',
      default: 't',
      flag: 'c',
      newlyEffective: true,
      required: false,
      description: 'Three.',
    },
    { name: 'd', type: 'list', default: undefined, required: true, description: 'Four.' },
    { name: 'e', type: 'text', ignored: 'Five.', required: false, description: 'Five.' },
  ]);
});

test('every setting of every service has a sentence', () => {
  for (const { name, description } of describeSettings(z.object(serviceSettings))) {
    assert.match(description, /^[A-Z].*\.$/, name);
  }
});

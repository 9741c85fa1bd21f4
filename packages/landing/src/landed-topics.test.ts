import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextVersion, VERSION_1 } from '@scoreline/schema';
import { loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { landedTopics } from './landed-topics.ts';
import { landingSettings } from './settings.ts';

const VERSION_2 = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);

function topics(topic_versions?: string): readonly string[] {
  const config = loadConfig(z.object(landingSettings), {
    kafka_brokers: 'none:1',
    schema_registry_url: 'http://none',
    topic_prefix: 'beta.',
    topic_versions,
  });
  return landedTopics(config, [VERSION_1, VERSION_2]).map(({ topic }) => topic);
}

test('all versions that a release knows are landed, or those that are named', () => {
  assert.deepEqual(topics(), ['beta.log_scores-v1', 'beta.log_scores-v2']);
  assert.deepEqual(topics('2, 1'), ['beta.log_scores-v1', 'beta.log_scores-v2']);
  assert.deepEqual(topics('2'), ['beta.log_scores-v2']);
});

test('a version that is not known is refused, and so is what is no list of versions', () => {
  assert.throws(() => topics('1,3'), {
    code: 'settings',
    message: /knows no version 3, only 1, 2/,
  });
  for (const wrong of ['0', '1,1', '1,,2', 'v1', '1.0']) {
    assert.throws(() => topics(wrong), /topic_versions/, wrong);
  }
});

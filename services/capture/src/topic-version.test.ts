import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Catalog, nextVersion, RELEASED, VERSION_1 } from '@scoreline/schema';

import { pipelineNames } from './pipeline-names.ts';
import { topicsToRead } from './rebuild-checks.ts';
import { publishedVersion, requireNotLowered } from './topic-version.ts';

const VERSION_2 = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
const CATALOG: Catalog = [VERSION_1, VERSION_2];
const [ONE, TWO, THREE] = ['beta.log_scores-v1', 'beta.log_scores-v2', 'beta.log_scores-v3'];

function names(version = VERSION_2, catalog = CATALOG) {
  return pipelineNames('log_scores', { prefix: 'beta.', version, catalog });
}

test('the newest version is published, unless a setting says otherwise', () => {
  assert.equal(publishedVersion(CATALOG, undefined), VERSION_2);
  assert.equal(publishedVersion(CATALOG, 1), VERSION_1);
  assert.throws(() => publishedVersion(RELEASED, 2), { code: 'settings', message: /only 1/ });
});

test('a version may be raised, and not lowered once a later one has rows', () => {
  requireNotLowered(names(), { topicEnds: { [ONE]: [5], [TWO]: [1] } });
  requireNotLowered(names(VERSION_1), { topicEnds: { [ONE]: [5] } });
  assert.throws(
    () => requireNotLowered(names(VERSION_1), { topicEnds: { [ONE]: [5], [TWO]: [1] } }),
    { code: 'topic-version-lowered', message: /has rows in beta.log_scores-v2/ },
  );
});

test('a release that does not know a version with rows stops', () => {
  assert.throws(
    () => requireNotLowered(names(VERSION_1, RELEASED), { topicEnds: { [TWO]: [1] } }),
    { code: 'topic-version-unknown' },
  );
});

test('a ledger is made from the topics of all versions, of which none may be gone', () => {
  const read = (...there: string[]) => topicsToRead(names(), there).map(({ topic }) => topic);
  const others = ['log_scores-v1', 'beta.log_scores.ledger', 'beta.log_scores-v2.quarantine'];
  assert.deepEqual(read(TWO, ...others, ONE), [ONE, TWO]);
  assert.deepEqual(read(ONE, ...others), [ONE]);
  assert.throws(() => read(TWO, ...others), { code: 'topic-incomplete', message: /no .*-v1/ });
  assert.throws(() => read(...others), { code: 'topic-missing' });
  assert.throws(() => read(ONE, THREE), { code: 'topic-version-unknown' });
});

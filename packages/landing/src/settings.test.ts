import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { landingSettings } from './settings.ts';

const idsOf = (audit_ids: string) =>
  loadConfig(z.object({ audit_ids: landingSettings.audit_ids }), { audit_ids }).audit_ids;

test('audit_ids is an id, or the first and the last of many', () => {
  assert.deepEqual(idsOf('7'), { from: 7, to: 7 });
  assert.deepEqual(idsOf('7-900'), { from: 7, to: 900 });
  for (const wrong of ['9-7', '-7', '7-', 'all', '1e3', '9007199254740993']) {
    assert.throws(() => idsOf(wrong), { code: 'settings' }, wrong);
  }
});

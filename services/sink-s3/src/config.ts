import { fileSettings } from '@scoreline/files';
import { landingSettings } from '@scoreline/landing';
import { serviceSettings, withRule } from '@scoreline/service';
import { z } from 'zod';

import { bothKeys, storeSettings } from './store-settings.ts';

export const settings = withRule(
  z.object({
    ...serviceSettings,
    ...landingSettings,
    ...fileSettings,
    ...storeSettings,
  }),
  bothKeys,
);

export type Settings = z.infer<typeof settings>;

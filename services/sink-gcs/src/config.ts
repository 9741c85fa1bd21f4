import { fileSettings } from '@scoreline/files';
import { landingSettings } from '@scoreline/landing';
import { serviceSettings } from '@scoreline/service';
import { z } from 'zod';

import { storeSettings } from './store-settings.ts';

export const settings = z.object({
  ...serviceSettings,
  ...landingSettings,
  ...fileSettings,
  ...storeSettings,
});

export type Settings = z.infer<typeof settings>;

import { fileSettings } from '@scoreline/files';
import { landingSettings } from '@scoreline/landing';
import { serviceSettings, text } from '@scoreline/service';
import { z } from 'zod';

export const settings = z.object({
  ...serviceSettings,
  ...landingSettings,
  ...fileSettings,
  avro_path: text().describe(
    'Folder in which the files are kept, on a file system with hard links. It must exist.',
  ),
});

export type Settings = z.infer<typeof settings>;

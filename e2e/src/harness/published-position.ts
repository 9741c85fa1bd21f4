import { until } from '@scoreline/testing';

import type { Service } from './service.ts';

/** Where the checkpoint is, by the word of /status: `<file>:<offset>`. */
export function publishedPosition(capture: Service): Promise<string> {
  return until(
    async () => {
      const parts = await capture.status();
      return (parts?.['capture'] as { published?: string } | undefined)?.published;
    },
    { what: 'the position of the checkpoint' },
  );
}

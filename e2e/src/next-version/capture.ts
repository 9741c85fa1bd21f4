import { capture } from '@scoreline/capture/service';

import { CATALOG } from './catalog.ts';

await capture(CATALOG);

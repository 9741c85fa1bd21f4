import { RELEASED } from '@scoreline/schema';

import { sinkGcs } from './service.ts';

await sinkGcs(RELEASED);

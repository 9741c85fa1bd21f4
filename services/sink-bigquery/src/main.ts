import { RELEASED } from '@scoreline/schema';

import { sinkBigquery } from './service.ts';

await sinkBigquery(RELEASED);

import { RELEASED } from '@scoreline/schema';

import { sinkS3 } from './service.ts';

await sinkS3(RELEASED);

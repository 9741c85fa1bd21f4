import { RELEASED } from '@scoreline/schema';

import { sinkFile } from './service.ts';

await sinkFile(RELEASED);

import { RELEASED } from '@scoreline/schema';

import { sinkClickhouse } from './service.ts';

await sinkClickhouse(RELEASED);

import { sinkClickhouse } from '@scoreline/sink-clickhouse/service';

import { CATALOG } from './catalog.ts';

await sinkClickhouse(CATALOG);

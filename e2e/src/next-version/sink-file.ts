import { sinkFile } from '@scoreline/sink-file/service';

import { CATALOG } from './catalog.ts';

await sinkFile(CATALOG);

#!/usr/bin/env node
import { RELEASED } from '@scoreline/schema';

import { capture } from './service.ts';

await capture(RELEASED);

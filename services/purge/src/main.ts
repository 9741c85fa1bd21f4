#!/usr/bin/env node
import { purge } from './service.ts';

await purge();

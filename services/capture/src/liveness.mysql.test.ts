import { livenessCases } from './testing/liveness-cases.ts';

livenessCases('mysql');

export { killCase, type KillCase } from './kill-case.ts';
export { sampleObject } from './sample-object.ts';
export { storeCases, type TestStore } from './store-cases.ts';

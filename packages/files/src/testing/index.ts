export * from './counted-files.ts';
export * from './in-pieces.ts';
export * from './memory-store.ts';
export * from './read-avro.ts';
export * from './temp-folder.ts';
export * from './test-sink.ts';
export { killCase, type KillCase } from './kill-case.ts';
export { sampleObject } from './sample-object.ts';
export { storeCases, type TestStore } from './store-cases.ts';

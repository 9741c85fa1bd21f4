export * from './conformance.ts';
export { EXTREME_ROWS } from './conformance-rows.ts';
export * from './memory-sink.ts';
export * from './pipeline.ts';
export * from './registry-stub.ts';
export * from './sample-rows.ts';
export * from './started.ts';
export * from './sample-range.ts';
export * from './many-rows.ts';

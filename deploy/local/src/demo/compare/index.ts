export { type AvroFiles, readAvroSide } from './avro-side.ts';
export { type BigquerySideOptions, readBigquerySide } from './bigquery-side.ts';
export { type ClickhouseSideOptions, readClickhouseSide } from './clickhouse-side.ts';
export { compare, type Differences, type Ids, isIdentical } from './compare.ts';
export { compareSides, type Comparison } from './compare-sides.ts';
export { type MysqlSideOptions, readMysqlSide } from './mysql-side.ts';
export type { FoundRow, Side } from './side.ts';
export { readTopicSide, type TopicSideOptions } from './topic-side.ts';

export { cached, cacheFolder } from './cache.ts';
export {
  Authority,
  Database,
  type DatabaseOptions,
  Databases,
  type Flavour,
  type HeldCommit,
  holdCommit,
  type Position,
  removeLeftoverDatabases,
  semiSync,
  type ServerTls,
} from './databases/index.ts';
export { mavenLibraries } from './maven.ts';
export { runCommand } from './run-command.ts';
export { freePorts } from './ports.ts';
export { ClickhouseServer } from './servers/clickhouse.ts';
export { KafkaServer } from './servers/kafka.ts';
export { type LocalServer, type Say, SERVER_NAMES, type ServerName } from './server.ts';
export { PIPELINE, Stack, type StackOptions } from './stack.ts';
export { readStackEnv } from './stack-env.ts';
export { Supervised } from './supervised.ts';
export { removeLeftovers, runFolder } from './test-run/leftovers.ts';
export {
  compare,
  compareSides,
  type Comparison,
  type Differences,
  folderFiles,
  gcsFiles,
  isIdentical,
  readAvroSide,
  readBigquerySide,
  readClickhouseSide,
  readMysqlSide,
  readTopicSide,
  s3Files,
  type Side,
} from './demo/compare/index.ts';
export {
  bulkLoad,
  type Commit,
  createSchema,
  singleRowTransactions,
  startTraffic,
  type Traffic,
  type TrafficOptions,
  type TrafficStats,
} from './traffic/index.ts';

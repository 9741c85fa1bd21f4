export {
  formatAttributes,
  type ParsedAttributes,
  parseAttributes,
  type TypedAttributes,
} from './attributes.ts';
export { Block } from './block.ts';
export { COLUMN_TYPES, type FieldTypes } from './column-types.ts';
export {
  checkColumns,
  checkDropped,
  type Column,
  columnsOf,
  isKnown,
  optionalOf,
  type TableMapEntry,
  type UnknownColumns,
} from './columns.ts';
export {
  containerBlock,
  containerHeader,
  type ContainerOptions,
  readContainerHeader,
  SYNC_BYTES,
} from './container.ts';
export { DatumText } from './datum-text.ts';
export type { ResultField } from './expected-fields.ts';
export {
  backfillTopicName,
  LOG_SCORE_V1,
  LOG_SCORE_V1_JSON,
  type LogScoreField,
  sinkGroupName,
  subjectName,
  type TextField,
  topicName,
} from './log-score.ts';
export { RegistryError } from './registry-error.ts';
export type { RegistryOptions } from './registry-http.ts';
export { SchemaRegistry, type WriterSchema } from './registry.ts';
export { RowEncoder, type RowEncoderOptions } from './row-encoder.ts';
export { RowError } from './row-error.ts';
export { readRowsHeader, type RowsHeader, WRITE_ROWS_V1, WRITE_ROWS_V2 } from './rows-header.ts';
export { checkTable, type SqlColumn } from './sql-columns.ts';
export {
  type AddedColumn,
  type Catalog,
  fieldsOf,
  newest,
  nextVersion,
  RELEASED,
  type TopicVersion,
  VERSION_1,
} from './topic-version.ts';
export { ValueEncoder, type ValueEncoderOptions } from './value-encoder.ts';
export { DatumError, DatumWalker } from './walk-datum.ts';
export { WIRE_HEADER_BYTES, wireHeader } from './wire.ts';

import type { ServiceName } from '../harness/service.ts';
import type { Settings, World } from './world.ts';

/** By lower-case name; undefined takes a setting away. Values may hold `{topic}` and its like. */

/** One thing that is wrong, and what a person who runs the service is told about it. */
export interface BadInput {
  /** As a sentence would go on after "it stops when ...". */
  readonly name: string;
  readonly service: ServiceName;
  /** What there is before: an empty table, rows in the topic, or rows in ClickHouse as well. */
  readonly given?: 'nothing' | 'captured' | 'landed';
  /** What is wrong in the settings. */
  readonly settings?: Settings;
  /** Makes it wrong on the servers, before the service starts. */
  readonly wrong?: (world: World) => Promise<void>;
  /** Makes it wrong while the service runs. */
  readonly meanwhile?: (world: World) => Promise<void>;
  /** 2 = the configuration, or an object that it names, is wrong; 1 = going on could lose a row. */
  readonly exitCode: 1 | 2;
  /** The error's code in the log; absent when it is told before there is one, in plain lines. */
  readonly code?: string;
  /** Words of message and remedy: what is wrong by its name, and what to do about it. With `{topic}` and its like. */
  readonly says: readonly string[];
  /** What must not be in the output. */
  readonly hides?: readonly string[];
}

export { BinlogPackets, EVENT_AT, type PacketRule, TYPE_AT } from './binlog-packets.ts';
export {
  type CannedAnswer,
  type Fault,
  type FaultProxy,
  faultProxy,
  type FaultProxyOptions,
  type Matches,
  type ProxiedRequest,
} from './fault-proxy.ts';
export { KafkaFrames, type KafkaRequest } from './kafka-frames.ts';
export { type Judgement, KafkaProxy } from './kafka-proxy.ts';
export { needServer, type ServerName } from './need-server.ts';
export { uniqueName } from './unique-name.ts';
export { until } from './until.ts';

import { BROKER_FAULTS } from './faults/broker-faults.ts';
import { HA_FAULTS } from './faults/ha-faults.ts';
import { runFaults } from './faults/run-faults.ts';
import { TOPIC_FAULTS } from './faults/topic-faults.ts';

runFaults('capture, when at the brokers', [...BROKER_FAULTS, ...TOPIC_FAULTS, ...HA_FAULTS]);

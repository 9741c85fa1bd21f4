import { runFaults } from './faults/run-faults.ts';
import { SOURCE_FAULTS } from './faults/source-faults.ts';
import { TO_TOPIC } from './harness/pipeline.ts';

runFaults('at the source,', SOURCE_FAULTS, { servers: [...TO_TOPIC, 'mysql'] });

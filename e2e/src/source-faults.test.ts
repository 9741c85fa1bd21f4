import { runFaults } from './faults/run-faults.ts';
import { SOURCE_FAULTS } from './faults/source-faults.ts';

runFaults('at the source,', SOURCE_FAULTS);

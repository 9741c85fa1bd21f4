import type { Judgement } from '@scoreline/testing';

import type { LandingFault } from './fault.ts';

const OFFSET_COMMIT = 8;
const REFUSED = 3;

/** The way to the brokers. */
export const KAFKA_FAULTS: readonly LandingFault[] = [
  commitSpoilt('the commit of what has landed never arrives', 'withhold'),
  commitSpoilt('the answer to the commit of what has landed is lost', 'lose-answer'),
  {
    name: 'the broker is gone for a while',
    outcome: 'goes on',
    cause: async (scene) => {
      const { broker } = scene;
      const before = broker.refused;
      const severed = broker.sever();
      await scene.produce();
      await scene.until(() => broker.refused >= before + REFUSED, `${REFUSED} attempts`);
      broker.restore();
      return `${severed} connections ended, ${broker.refused - before} refused`;
    },
  },
  {
    name: 'the connections to the broker carry nothing any more, and stay open',
    outcome: 'goes on',
    cause: async (scene) => {
      const { broker } = scene;
      const before = broker.swallowed;
      const frozen = broker.freeze();
      await scene.produce();
      const { err } = await scene.hears('consuming failed; beginning anew');
      return `${frozen} connections took ${broker.swallowed - before} bytes, ${err?.code}`;
    },
  },
];

function commitSpoilt(name: string, judgement: Judgement): LandingFault {
  return {
    name,
    outcome: 'goes on',
    cause: async (scene) => {
      let spoilt = 0;
      scene.broker.judge = ({ apiKey, body }) => {
        // One of a range that is only begun says that it is pending.
        if (apiKey !== OFFSET_COMMIT || spoilt > 0 || !body.includes('"pending":[]')) return 'pass';
        spoilt++;
        return judgement;
      };
      await scene.produce();
      const { err } = await scene.hears('consuming failed; beginning anew');
      if (spoilt === 0) throw new Error('no commit was spoilt');
      return `${spoilt} OffsetCommit, ${err?.code}: ${err?.message}`;
    },
  };
}

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONFORMANCE } from './testing/conformance-cases.ts';
import { FAULTS } from './testing/faulty-sinks.ts';
import { Honest, MemoryStore } from './testing/honest-sink.ts';
import { type ConformanceOptions, sampleRow, sinkConformance, tryOut } from './testing/index.ts';

const OPTIONS = {
  name: 'memory',
  misfit: sampleRow(777_777, { score: Number.NaN }),
  abortMs: 200,
  beside: true,
  audited: true,
  loseAnswer: (store) => {
    store.loses = 1;
  },
  stall: (store) => store.stall(),
  async tear(store, range) {
    store.tear(range);
  },
  async open() {
    return new MemoryStore((store) => new Honest(store));
  },
} satisfies ConformanceOptions<MemoryStore>;

sinkConformance(OPTIONS);

for (const [what, { sink, breaks, says, options }] of Object.entries(FAULTS)) {
  test(`a sink that ${what} does not pass`, async () => {
    const found = Object.entries(CONFORMANCE).filter(([promise]) => promise.startsWith(breaks));
    assert.equal(found.length, 1, breaks);
    const { hold } = found[0]![1];
    await assert.rejects(tryOut(hold, new MemoryStore(sink), { ...OPTIONS, ...options }), {
      name: 'AssertionError',
      message: says,
    });
  });
}

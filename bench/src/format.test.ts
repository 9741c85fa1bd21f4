import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Judged } from './goals.ts';
import { formatJsonLines } from './json-lines.ts';
import type { Outcome } from './measurement.ts';
import { formatTable } from './table.ts';

const outcomes: Outcome[] = [
  {
    system: 'scoreline',
    work: 'capture-bulk',
    rows: 1_000_000,
    rowsPerS: 812_345.6,
    rowsPerSMin: 790_000,
    rowsPerSMax: 850_000,
    seconds: 1.234,
    cpuSPerMillion: 1.10049,
    serverCpuSPerMillion: null,
    rssMb: 171.6,
    heldMb: null,
    freshP99Ms: null,
    rounds: 3,
  },
  { system: 'maxwell', work: 'capture-bulk', missing: 'on no registry' },
];
const judged: Judged[] = [
  { work: 'capture-bulk', goal: '>= 700,000 rows/s', verdict: 'PASS', seen: '812,346' },
  { work: 'capture-bulk', goal: '>= 4 x maxwell', verdict: 'MISSING', seen: 'on no registry' },
];

test('each outcome is a JSON object on a line of its own', () => {
  const lines = formatJsonLines(outcomes, judged).split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      {
        system: 'scoreline',
        work: 'capture-bulk',
        rows: 1_000_000,
        rows_per_s: 812_346,
        cpu_s_per_million: 1.1,
        rss_mb: 172,
        seconds: 1.234,
        held_mb: null,
        fresh_p99_ms: null,
        server_cpu_s_per_million: null,
        rounds: 3,
        rows_per_s_min: 790_000,
        rows_per_s_max: 850_000,
        goals: [
          { goal: '>= 700,000 rows/s', verdict: 'PASS', seen: '812,346' },
          { goal: '>= 4 x maxwell', verdict: 'MISSING', seen: 'on no registry' },
        ],
      },
      { system: 'maxwell', work: 'capture-bulk', missing: 'on no registry' },
    ],
  );
});

test('the table has a line for each outcome and a verdict beside each goal', () => {
  assert.equal(
    formatTable(outcomes, judged),
    [
      'work          system          rows   rows/s           spread  seconds  CPU s/M  server CPU s/M  RSS MB  held MB  fresh p99 ms',
      'capture-bulk  scoreline  1,000,000  812,346  790,000-850,000     1.23     1.10                     172',
      'capture-bulk  maxwell    MISSING: on no registry',
      '',
      'PASS     capture-bulk  >= 700,000 rows/s  812,346',
      'MISSING  capture-bulk  >= 4 x maxwell     on no registry',
    ].join('\n'),
  );
});

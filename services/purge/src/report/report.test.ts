import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Reason } from '../proof/reason.ts';
import type { Finding, Verdict } from '../purge/judge.ts';
import { noneKept } from '../purge/tally.ts';
import { reportJson, type ReportFacts } from './report-json.ts';
import { reportText } from './report-text.ts';
import { Report } from './report.ts';

const FACTS: ReportFacts = {
  table: 'log_scores',
  atMs: Date.UTC(2026, 0, 31),
  retentionDays: 15,
  mode: 'explain',
};

function behind(needed: bigint, partition = 3): Reason {
  return {
    kind: 'wait',
    code: 'behind',
    message: `sink x, log_scores-v1[${partition}]: committed 100, ${needed} is needed`,
    at: { sink: 'x', topic: 'log_scores-v1', partition },
    needed,
    held: 100n,
  };
}

function found(bucket: number, reasons: readonly Reason[], rows = 10): Finding {
  const fromId = bucket * 65_536 + 1;
  return { bucket, rows, fromId, toId: fromId + rows - 1, reasons };
}

function verdict(parts: Partial<Verdict>): Verdict {
  return { deletable: [], findings: [], kept: noneKept(), unknown: [], ...parts };
}

test('consecutive buckets with the same reasons are told once, with what is needed for all of them', () => {
  const report = new Report();
  report.add(verdict({ findings: [found(1, [behind(200n)]), found(2, [behind(250n)])] }));
  report.add(verdict({ findings: [found(2, [behind(250n)], 20), found(3, [behind(300n, 4)])] }));
  report.add(verdict({ findings: [found(9, [behind(400n, 4)])] }));
  assert.deepEqual(
    report.waiting.map(({ fromId, toId, rows, firstBucket, lastBucket, reasons }) => ({
      ids: [fromId, toId],
      rows,
      buckets: [firstBucket, lastBucket],
      needed: reasons.map(({ needed }) => needed),
    })),
    [
      { ids: [65_537, 131_092], rows: 40, buckets: [1, 2], needed: [250n] },
      { ids: [196_609, 196_618], rows: 10, buckets: [3, 3], needed: [300n] },
      { ids: [589_825, 589_834], rows: 10, buckets: [9, 9], needed: [400n] },
    ],
  );
  assert.equal(report.isDone, false);
});

test('a tired person sees what can go, what waits for whom, and what stays', () => {
  const report = new Report();
  const refused: Reason = {
    kind: 'refuse',
    code: 'offset-missing',
    message: 'sink y, log_scores-v1[0]: no offset',
    at: { sink: 'y' },
  };
  report.add(
    verdict({
      deletable: [1, 2, 3],
      findings: [found(1, [behind(250n)], 1_000), found(2, [refused], 1)],
      kept: { ...noneKept(), referenced: { rows: 1, fromId: 9, toId: 9 } },
    }),
  );
  assert.deepEqual(reportText(report, FACTS), [
    'log_scores: rows older than 15 days, as of 2026-01-31T00:00:00.000Z',
    '',
    'deletable: 3 rows, ids 1-3',
    '',
    'waiting: 1,000 rows, ids 65537-66536',
    '  waits for sink x, log_scores-v1[3]: committed 100, 250 is needed  (behind)',
    '',
    'refused: 1 row, ids 131073',
    '  sink y, log_scores-v1[0]: no offset  (offset-missing)',
    '',
    'kept: 1 row, ids 9, referred to by rows of other tables',
  ]);
});

test('what refuses everything comes first', () => {
  const report = new Report();
  report.refused.push({ kind: 'refuse', code: 'sinks-unset', message: 'sinks: is not set' });
  report.add(verdict({ deletable: [7] }));
  assert.deepEqual(reportText(report, FACTS).slice(1), [
    '',
    'Nothing is deleted, because',
    '  sinks: is not set  (sinks-unset)',
    '',
    'deletable: 1 row, ids 7, were it not for that',
  ]);
});

test('a program sees the same, with offsets as text', () => {
  const report = new Report();
  report.add(verdict({ deletable: [1, 2, 3], findings: [found(1, [behind(250n)])] }));
  assert.deepEqual(JSON.parse(JSON.stringify(reportJson(report, FACTS))), {
    table: 'log_scores',
    at: '2026-01-31T00:00:00.000Z',
    retentionDays: 15,
    mode: 'explain',
    refused: [],
    waiting: [
      {
        fromId: 65_537,
        toId: 65_546,
        rows: 10,
        buckets: [1, 1],
        reasons: [
          {
            kind: 'wait',
            code: 'behind',
            message: 'sink x, log_scores-v1[3]: committed 100, 250 is needed',
            sink: 'x',
            topic: 'log_scores-v1',
            partition: 3,
            needed: '250',
            held: '100',
          },
        ],
      },
    ],
    deletable: { rows: 3, fromId: 1, toId: 3 },
    deleted: 0,
    kept: {
      excluded: { rows: 0, fromId: null, toId: null },
      declined: { rows: 0, fromId: null, toId: null },
      referenced: { rows: 0, fromId: null, toId: null },
    },
  });
});

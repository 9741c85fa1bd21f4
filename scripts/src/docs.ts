import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { METRICS, SERVICES } from './catalog.ts';
import { configurationPage } from './configuration-page.ts';
import { metricsPage } from './metrics-page.ts';
import { sentenceProblems } from './sentences.ts';
import { staleness } from './stale.ts';

// `npm run docs` writes the pages that come from code; `--check` tells whether they are as written.
const DOCS = join(import.meta.dirname, '../../docs');
const PAGES = {
  '4-configuration.md': configurationPage(SERVICES),
  '5-metrics.md': metricsPage(METRICS),
};

const problems = sentenceProblems(SERVICES, METRICS);
const check = process.argv.includes('--check');

for (const [name, wanted] of Object.entries(PAGES)) {
  const file = join(DOCS, name);
  const found = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const stale = staleness(`docs/${name}`, wanted, found);
  if (check && stale !== null) problems.push(stale);
  if (!check && stale !== null) {
    writeFileSync(file, wanted);
    console.log(`wrote docs/${name}`);
  }
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

import { reportJson, type ReportFacts } from './report-json.ts';
import { reportText } from './report-text.ts';
import type { Report } from './report.ts';

/** For people, or for programs. */
export function printReport(
  report: Report,
  facts: ReportFacts,
  { format, print }: { readonly format: 'text' | 'json'; readonly print: (line: string) => void },
): void {
  if (format === 'json') print(JSON.stringify(reportJson(report, facts), null, 2));
  else for (const line of reportText(report, facts)) print(line);
}

import { binlogFiles } from '@scoreline/database';
import { fileNumber } from '@scoreline/ledger';
import type { Connection } from 'mysql2/promise';

import { positionGone } from './dump-error.ts';
import type { ResumePoint } from './resume-point.ts';

/**
 * Whether the source has the resume point at all, before it is asked for: a dump's own errors do not
 * tell a purged file from one that never was.
 *
 * @throws PermanentError `position-gone`, `source-rewound`
 */
export async function requirePosition(connection: Connection, resume: ResumePoint): Promise<void> {
  const files = await binlogFiles(connection);
  const { file, offset } = resume.position;
  const found = files.find(({ name }) => name === file);
  if (found !== undefined) {
    if (found.bytes < offset) throw resume.rewound(`only ${found.bytes} bytes in ${file}`);
    return;
  }
  const oldest = files[0]!.name;
  const newest = files.at(-1)!.name;
  if (fileNumber(file) < fileNumber(oldest)) {
    throw positionGone(resume, `the oldest file is ${oldest}`);
  }
  throw resume.rewound(`no file ${file}; they are ${oldest} to ${newest}`);
}

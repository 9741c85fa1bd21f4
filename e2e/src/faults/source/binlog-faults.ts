import { until } from '@scoreline/testing';

import { purgePast } from '../../harness/binlogs.ts';
import { logRecord } from '../../harness/log-record.ts';
import { turnInto } from '../../harness/packet-rules.ts';
import { publishedPosition } from '../../harness/published-position.ts';
import type { Fault } from '../fault.ts';
import { requireEvent } from './require-event.ts';
import { insertOf } from './rows.ts';
import { throughProxy } from './through-proxy.ts';

const GTID = 162;
const INCIDENT = 26;

/** What happens to the binlog itself, and what it may hold. */
export const BINLOG_FAULTS: readonly Fault[] = [
  {
    name: 'the binlog is purged while capture is down',
    outcome: 'goes on',
    cause: async (scene) => {
      const { capture, adminDsn } = scene;
      const [file = ''] = (await publishedPosition(capture)).split(':');
      await capture.kill();
      await scene.rowsCommitted(300);
      await purgePast(adminDsn, file);
      await capture.start();
      await capture.ready();
      const gone = logRecord(capture.output, 'beginning anew')?.err;
      if (gone?.code !== 'position-gone') throw new Error('it has found its position');
      return gone.message;
    },
  },
  {
    name: 'an INCIDENT event: the server has lost events',
    outcome: { stops: 'binlog-event' },
    ...throughProxy(async (_, proxy) => {
      const incident = turnInto(GTID, INCIDENT);
      proxy.apply(incident.rule, { always: true });
      await until(() => incident.times > 0, { what: 'an event to turn into an incident' });
      return 'the proxy has turned an event into an INCIDENT';
    }),
  },
  {
    name: 'rows are compressed: log_bin_compress is set while capture runs',
    outcome: 'goes on',
    cause: async (scene) => {
      const events = await scene.events(
        'SET GLOBAL log_bin_compress = 1',
        // It takes a row of more than log_bin_compress_min_len bytes.
        insertOf(100, 500),
        'SET GLOBAL log_bin_compress = 0',
      );
      return requireEvent(events, /compressed/i);
    },
  },
];

"""local-bigquery as it is, and one lock.

BigQuery accepts a job id once. local-bigquery looks whether the id is there and saves the job in two steps,
between which another request with the same id passes: it is run too, or fails half done with 400. With the
lock one is accepted, and all others get 409.
"""

import sys
import threading

from local_bigquery.cli import main
from local_bigquery.jobs import runner

one_at_a_time = threading.Lock()
submit = runner.submit


def submit_alone(*args, **kwargs):
    with one_at_a_time:
        return submit(*args, **kwargs)


runner.submit = submit_alone
sys.exit(main())

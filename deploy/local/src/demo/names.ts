/** What the demo's rows go through and land in is called, in every destination that has such names. */
export const TOPIC = 'log_scores-v1';
export const DATABASE = 'ntp';

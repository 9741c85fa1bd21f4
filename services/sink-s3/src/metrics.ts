/** This sink measures what every sink of files does, and nothing else. */
export { objectMetrics as metrics } from '@scoreline/files';

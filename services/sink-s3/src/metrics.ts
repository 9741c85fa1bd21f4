/** This sink measures what every sink does, and nothing else. */
export { landingMetrics as metrics } from '@scoreline/landing';

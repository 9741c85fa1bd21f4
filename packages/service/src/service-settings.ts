import { choice, duration, integer, text } from './settings.ts';

/** What every service is told: spread into its settings. */
export const serviceSettings = {
  http_host: text()
    .optional()
    .describe(
      'Address on which /livez, /readyz, /metrics and /status are served; every address when unset.',
    ),
  http_port: integer(8080, { max: 65_535 }).describe(
    'Port of the same; 0 takes a free one, which the log names.',
  ),
  log_level: choice(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'info',
  ).describe('The least level that is logged, as JSON lines on standard output.'),
  shutdown_grace: duration('30s', { min: 1 }).describe(
    'How long a SIGTERM or SIGINT lets work in progress finish before the process exits with 1.',
  ),
  secrets_path: text('/vault/secrets').describe(
    'Folder whose `*.env` files are read as further environment, which the real one overrides.',
  ),
};

export interface ServiceConfig {
  readonly http_host?: string | undefined;
  readonly http_port: number;
  readonly log_level: string;
  readonly shutdown_grace: number;
}

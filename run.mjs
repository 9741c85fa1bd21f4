// The one way in: `npm run demo`, `npm test` and the others end here. Needs nothing but Node: installs
// what the lockfile asks for if it changed, builds, and runs the verb's program.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));
const STAMP = join(ROOT, 'node_modules/.scoreline-lock');

/** The program of each verb, and the project that has to be built for it ('' is all of them). */
const VERBS = {
  demo: { entry: 'deploy/local/dist/demo/main.js', build: '' },
  test: { entry: 'deploy/local/dist/test-runner.js', build: '' },
  stack: { entry: 'deploy/local/dist/cli/stack.js', build: 'deploy/local' },
  kafka: { entry: 'deploy/local/dist/cli/kafka.js', build: 'deploy/local' },
  topic: { entry: 'deploy/local/dist/cli/topic.js', build: 'deploy/local' },
  bench: { entry: 'bench/dist/main.js', build: '' },
  mutants: { entry: 'e2e/dist/mutants/main.js', build: '' },
  docs: { entry: 'scripts/dist/docs.js', build: '' },
};

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Node is version ${process.versions.node}, needed is 20.19. Install Node >= 20.19 and put it first on PATH.`,
  );
}

/** One hash over everything that decides what is in node_modules. */
function wanted() {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const patch of patches()) hash.update(patch).update(readFileSync(join(ROOT, patch)));
  return hash.digest('hex');
}

function patches() {
  const folder = join(ROOT, 'patches');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.patch'))
    .toSorted()
    .map((file) => `patches/${file}`);
}

function install() {
  const hash = wanted();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  if (!isInstalled()) {
    console.error('installing the npm packages of package-lock.json');
    // Standard output belongs to the verb.
    const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
    });
    if (npm.status !== 0)
      fail('npm ci failed: see above. It needs the package registry to be within reach.');
  }
  writeFileSync(STAMP, hash);
}

/** Whether somebody's `npm ci` or `npm install` has already done it: the same versions, patched. */
function isInstalled() {
  const file = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(file)) return false;
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(file, 'utf8')).packages;
  const same = Object.entries(lock).every(([path, wants]) => {
    if (!path.startsWith('node_modules/')) return true;
    const has = found[path];
    // An optional package of another platform is in the lockfile and nowhere else.
    if (has === undefined) return wants.optional === true;
    return has.version === wants.version && has.integrity === wants.integrity;
  });
  return same && patches().every(isApplied);
}

function isApplied(patch) {
  const git = spawnSync('git', ['apply', '--reverse', '--check', patch], { cwd: ROOT });
  return git.status === 0;
}

function build(project) {
  const args = project === '' ? ['-b'] : ['-b', project];
  const tsc = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (tsc.status !== 0) fail('the build failed: see above');
}

function run(entry, args) {
  const child = spawn(process.execPath, ['--enable-source-maps', join(ROOT, entry), ...args], {
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to the whole group, others send signals to this process alone: the
  // program gets both, takes them as one, and decides when it ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot run ${entry}: ${error.message}`));
  child.on('close', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

checkNode();
const [verb, ...args] = process.argv.slice(2);
if (verb === undefined || !Object.hasOwn(VERBS, verb)) {
  fail(`node run.mjs ${Object.keys(VERBS).join(' | ')} [options]`, 2);
}
install();
build(VERBS[verb].build);
run(VERBS[verb].entry, args);

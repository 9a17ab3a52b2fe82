import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunHeader } from '../src/record/header.ts';
import type { Summary } from '../src/verdict/summary.ts';

/**
 * `npm run test:false-alarms [-- RUNS [FIRST]]`: many ordinary runs on the embedded endpoint, of every kind of load:
 * shorter than default runs, but with a warm-up that covers compilation, and enough requests for a p99. On a quiet
 * machine each must be valid. The state of the machine is printed next to each alarm, because an alarm is false only
 * if the machine was quiet. Processor shares do not show short pauses of the machine; a timer of this otherwise idle
 * process does.
 */
const RUNS = Number(process.argv[2] ?? 100);
/** Seed of the first run, so that a hundred runs can be split. */
const FIRST = Number(process.argv[3] ?? 0);
const BIN = join(import.meta.dirname, '..', 'src', 'bin.ts');

/** Share of the processors used by other programs, above which the machine was not quiet. */
const OTHERS = 0.25;
/** Share of the processors' time that the hypervisor took. */
const STOLEN = 0.02;

/** Pause of this process above which the machine was not quiet. */
const STALL_MS = 5;
const LOOK_EVERY_MS = 5;

type Host = Summary['audit']['host'];

function isQuiet(host: Host, stall_ms: number): boolean {
  const { processors, others_processors: others, steal_share: stolen } = host ?? {};
  return (others ?? 0) <= OTHERS * (processors ?? 1) && (stolen ?? 0) <= STOLEN && stall_ms <= STALL_MS;
}

const told = (host: Host, stall_ms: number): string =>
  `was blocked for up to ${stall_ms.toFixed(1)} ms, others used ${host?.others_processors} of ${host?.processors} processors, the hypervisor ${host?.steal_share}, pressure ${host?.pressure_share}, load ${host?.load_after}`;

const monotonic_ms = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Instant of this process's last check, and its lateness. */
let looks: { at_ms: number; late_ms: number }[] = [];
let due_ms = monotonic_ms() + LOOK_EVERY_MS;
const looking = setInterval(() => {
  const at_ms = monotonic_ms();
  looks.push({ at_ms, late_ms: at_ms - due_ms });
  due_ms = at_ms + LOOK_EVERY_MS;
}, LOOK_EVERY_MS);

/** Returns the longest pause within the run's window. */
function longestStall_ms({ origin, window }: Pick<RunHeader, 'origin' | 'window'>): number {
  const origin_ms = Number(BigInt(origin.monotonic_ns)) / 1e6;
  const within = looks.filter(
    ({ at_ms, late_ms }) =>
      at_ms >= origin_ms + window!.start_us / 1000 && at_ms - late_ms <= origin_ms + window!.end_us / 1000,
  );
  return Math.max(0, ...within.map(({ late_ms }) => late_ms));
}

/** The defaults are 10 s and 60 s. */
const WARMUP = '3s';
const DURATION = '4s';

const KINDS: Record<string, readonly string[]> = {
  poisson: ['--rate', '40/s'],
  constant: ['--rate', '40/s', '--arrivals', 'constant'],
  'a number of requests': ['--rate', '40/s', '--requests', '160'],
  'two workers': ['--rate', '60/s', '--workers', '2'],
  'a cap never reached': ['--rate', '20/s', '--max-concurrency', '1000'],
  'closed loop': ['--concurrency', '8'],
};

function run(args: readonly string[], out: string): Promise<Summary> {
  const all = [
    BIN,
    'run',
    '--quiet',
    '--json',
    '--out',
    out,
    '--warmup',
    WARMUP,
    '--output-tokens',
    '16',
    ...args,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('close', (code) => {
      if (text === '') reject(new Error(`exit ${code} and no report`));
      else resolve(JSON.parse(text) as Summary);
    });
  });
}

const scratch = await mkdtemp(join(tmpdir(), 'goodput-false-alarms-'));
const counts: Record<string, number> = { valid: 0, suspect: 0, invalid: 0 };
let quietRuns = 0;
let falseAlarms = 0;
try {
  const kinds = Object.entries(KINDS);
  for (let k = FIRST; k < FIRST + RUNS; k++) {
    const [kind, flags] = kinds[k % kinds.length]!;
    const length = flags.includes('--requests') ? [] : ['--duration', DURATION];
    const out = join(scratch, String(k));
    looks = [];
    const { audit } = await run([...flags, ...length, '--seed', String(k)], out);
    counts[audit.status]!++;
    const stall_ms = longestStall_ms(JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as RunHeader);
    const quiet = isQuiet(audit.host, stall_ms);
    if (quiet) quietRuns++;
    if (audit.status === 'valid') continue;
    if (quiet) falseAlarms++;
    console.log(
      `run ${k}, ${kind}: ${audit.status} (machine ${quiet ? 'quiet' : 'busy'}: ${told(audit.host, stall_ms)})`,
    );
    for (const reason of audit.reasons) console.log(`  ${reason}`);
  }
} finally {
  clearInterval(looking);
  await rm(scratch, { recursive: true, force: true });
}
console.log(
  `${RUNS} runs, ${quietRuns} of them on a quiet machine: ${counts['valid']} valid, ${counts['suspect']} suspect, ${counts['invalid']} invalid; ${falseAlarms} alarms on a quiet machine`,
);
process.exitCode = falseAlarms === 0 ? 0 : 1;

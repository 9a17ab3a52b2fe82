import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../src/verdict/summary.ts';

/**
 * `npm run test:false-alarms [-- RUNS]`: many short ordinary runs on the embedded endpoint, of every kind of load. On a quiet
 * machine each has to be valid. What the machine did meanwhile is printed beside each alarm, for an alarm is false only where
 * the machine was quiet: goodput that had to wait for a processor says so rightly.
 */
const RUNS = Number(process.argv[2] ?? 100);
const BIN = join(import.meta.dirname, '..', 'src', 'bin.ts');

/** Of the processors, kept busy by other programs: above it the machine was not quiet. */
const OTHERS = 0.25;
/** Of all processors' time, taken by the hypervisor for others. */
const STOLEN = 0.02;

type Host = Summary['audit']['host'];

function isQuiet(host: Host): boolean {
  const { processors, others_processors: others, steal_share: stolen } = host ?? {};
  return (others ?? 0) <= OTHERS * (processors ?? 1) && (stolen ?? 0) <= STOLEN;
}

const told = (host: Host): string =>
  `others used ${host?.others_processors} of ${host?.processors} processors, the hypervisor ${host?.steal_share}, pressure ${host?.pressure_share}, load ${host?.load_after}`;

const KINDS: Record<string, readonly string[]> = {
  poisson: ['--rate', '40/s'],
  constant: ['--rate', '40/s', '--arrivals', 'constant'],
  'a number of requests': ['--rate', '40/s', '--requests', '60'],
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
    '500ms',
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
let falseAlarms = 0;
try {
  const kinds = Object.entries(KINDS);
  for (let k = 0; k < RUNS; k++) {
    const [kind, flags] = kinds[k % kinds.length]!;
    const length = flags.includes('--requests') ? [] : ['--duration', '1500ms'];
    const { audit } = await run([...flags, ...length, '--seed', String(k)], join(scratch, String(k)));
    counts[audit.status]!++;
    if (audit.status === 'valid') continue;
    const quiet = isQuiet(audit.host);
    if (quiet) falseAlarms++;
    console.log(
      `run ${k}, ${kind}: ${audit.status} (machine ${quiet ? 'quiet' : 'busy'}: ${told(audit.host)})`,
    );
    for (const reason of audit.reasons) console.log(`  ${reason}`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(
  `${RUNS} runs: ${counts['valid']} valid, ${counts['suspect']} suspect, ${counts['invalid']} invalid; ${falseAlarms} alarms on a quiet machine`,
);
process.exitCode = falseAlarms === 0 ? 0 : 1;

import { parseArgs } from 'node:util';
import { documentOf } from '../../src/capacity/capacity-document.ts';
import { search } from '../../src/capacity/capacity-search.ts';
import { type BusyMachine, BusyWorld } from './busy-world.ts';

/** Measures how often `goodput capacity` is wrong if other programs disturb its windows, on servers with known capacity. */
const HELP = `npm run study -- capacity-noise [options]

  --searches N   searches in each case (200)
  --budget S     seconds of measuring for a search (1800)
`;

const CAPACITY = 20;
/** A larger error makes an estimate wrong, as does any estimate for a server without a capacity. */
const WRONG = 0.2;

const QUIET: BusyMachine = {
  axis: 'rate',
  capacity: CAPACITY,
  slope: 8,
  target: 0.9,
  bursts: null,
  left: 0.4,
  recorded: true,
};
const SHORT = { idle_s: 570, busy_s: 30 };
const LONG = { idle_s: 1350, busy_s: 150 };
const ALWAYS = { idle_s: 0, busy_s: 1e6 };

const CASES: readonly [title: string, machine: BusyMachine][] = [
  ['quiet', QUIET],
  ['bursts of 30 s, recorded', { ...QUIET, bursts: SHORT }],
  ['bursts of 30 s, not recorded', { ...QUIET, bursts: SHORT, recorded: false }],
  ['bursts of 150 s, recorded', { ...QUIET, bursts: LONG }],
  ['bursts of 150 s, not recorded', { ...QUIET, bursts: LONG, recorded: false }],
  ['always busy, recorded', { ...QUIET, bursts: ALWAYS }],
  ['no capacity, quiet', { ...QUIET, attainment: 0.5 }],
  ['no capacity, bursts of 150 s, recorded', { ...QUIET, attainment: 0.5, bursts: LONG }],
];

export async function capacityNoiseStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      searches: { type: 'string', default: '200' },
      budget: { type: 'string', default: '1800' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  process.stdout.write(
    '| by | machine | wrong zero | wrong otherwise | right | no answer (98) | measuring time, mean |\n|---|---|---|---|---|---|---|\n',
  );
  for (const axis of ['concurrency', 'rate'] as const)
    for (const [title, machine] of CASES) {
      const row = await tallied({ ...machine, axis }, Number(values.searches), Number(values.budget));
      process.stdout.write(`| ${[axis, title, ...row].join(' | ')} |\n`);
    }
}

/** Cells of a row: number of searches by how they ended. */
async function tallied(machine: BusyMachine, searches: number, budget_s: number): Promise<string[]> {
  const truth = machine.attainment === undefined ? machine.capacity : 0;
  const tally = { zero: 0, wrong: 0, right: 0, none: 0 };
  let spent_s = 0;
  for (let seed = 1; seed <= searches; seed++) {
    const world = new BusyWorld(machine, seed);
    const settings = { axis: machine.axis, target: machine.target, budget_s, width: 0.1, seed: 1000 * seed };
    const found = await search(settings, [], {
      carryOut: (plan) => Promise.resolve(world.carryOut(plan)),
      stopped: () => false,
    });
    const { status, capacity_rps, capacity_concurrency, ...document } = documentOf(found, settings, null);
    spent_s += document.spent_s;
    const value = machine.axis === 'rate' ? capacity_rps : capacity_concurrency;
    if (document.verdict.exitCode !== 0) tally.none++;
    else if (status === 'never_met') tally[truth === 0 ? 'right' : 'zero']++;
    else if (value === null || Math.abs(Math.log(value / truth)) > WRONG) tally.wrong++;
    else tally.right++;
  }
  return [...Object.values(tally).map(String), `${(spent_s / searches).toFixed(0)} s`];
}

import type { Bench } from '../bench.ts';
import type { SuiteResult } from '../report.ts';
import { costFigures, loadCost } from '../load-cost.ts';
import { interleaved } from '../rounds.ts';

const TURNS = 5;

/** Two loads, each as single requests and as sessions with the same mean input: how often, and how long the answers are. */
const LOADS = {
  often: { rate: 500, events: 10, first: 100, next: 40 },
  long: { rate: 40, events: 1000, first: 100, next: 40 },
} as const;

type Name = `${keyof typeof LOADS} requests` | `${keyof typeof LOADS} sessions`;

const NAMES: readonly Name[] = ['often requests', 'often sessions', 'long requests', 'long sessions'];

/** Returns the workload of a variant, in the words of a scenario. */
function scenarioOf(name: Name): string {
  const { rate, events, first, next } = LOADS[name.split(' ')[0] as keyof typeof LOADS];
  // The mean input over the turns of a session: its first message, and half of what follows.
  const input = first + ((next + events) * (TURNS - 1)) / 2;
  return name.endsWith('requests')
    ? `{ workload: { input: ${input}, output: ${events} }, load: { rate: ${rate} } }`
    : `{ workload: { sessions: { turns: ${TURNS}, think: exponential:200ms, first: ${first}, next: ${next} }, output: ${events} }, load: { rate: ${rate / TURNS} } }`;
}

/** Measures what sessions cost, compared with as many single requests. */
export async function sessions(bench: Bench): Promise<SuiteResult> {
  const seconds = bench.quick ? 4 : 15;
  const costs = await interleaved(bench, NAMES, (name) =>
    loadCost(LOADS[name.split(' ')[0] as keyof typeof LOADS].events, scenarioOf(name as Name), seconds),
  );
  return {
    suite: 'sessions',
    title: 'Sessions',
    how: `\`goodput run\` for ${seconds} s against a server that answers at once, as single requests and as sessions of ${TURNS} turns that repeat the answers: the same requests/s, answers and mean input; CPU is that of the whole process per request; ${bench.rounds} rounds in random order; median (min–max).`,
    rows: NAMES.map((name) => ({
      name,
      what: scenarioOf(name),
      figures: costFigures(
        costs.get(name)!,
        costs.get(name.replace('sessions', 'requests'))!,
        'single requests',
      ),
    })),
    skipped: [],
  };
}

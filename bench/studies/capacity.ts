import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { search } from '../../src/capacity/capacity-search.ts';
import { formatCondition } from '../../src/slo/grammar.ts';
import { bisect } from './bisection.ts';
import { bruteForce, type Truth } from './brute-force.ts';
import { drawPair } from './pairs.ts';
import { virtualProber } from './virtual-prober.ts';

/** Measures how well `goodput capacity` matches brute force, on servers that it was not tuned on. */
const HELP = `npm run study -- capacity [options]

  --from N --to N   draws N to N, in pieces of a few minutes each; the first 40 that hold a capacity count
  --searches N      with N seeds each (1)
  --budget S        seconds of measuring for a search (1800); another budget has results of its own
  --report          the tables of the draws done so far, as Markdown
`;

const TARGET = 0.9;
const BUDGET_S = '1800';
const PAIRS = 40;
/** Seed of the draw: other seeds (20261125, 20261127, 20261129) were used while the search was written. */
const SEED = 20_261_201;
/** Bounds: what a window can measure in half an hour, and what the engine simulates in a minute. */
const RANGE = { low: 0.3, high: 120 };
const LONG_RUN = 60_000;

interface Result {
  rate: number;
  low: number;
  high: number;
  took_s: number;
  probes: number;
}

interface Row {
  draw: number;
  server: string;
  slo: string;
  truth: Truth;
  searches: (Result & { status: string })[];
  bisections: (Result | null)[];
}

export async function capacityStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      from: { type: 'string', default: '0' },
      searches: { type: 'string', default: '1' },
      to: { type: 'string', default: String(PAIRS + 5) },
      budget: { type: 'string', default: BUDGET_S },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const budget_s = Number(values.budget);
  if (values.help) process.stdout.write(HELP);
  else if (values.report) process.stdout.write(report(budget_s));
  else await study(Number(values.from), Number(values.to), { searches: Number(values.searches), budget_s });
}

function fileOf(draw: number, budget_s: number): string {
  const folder = join('.cache', 'studies', `capacity-${budget_s}`);
  mkdirSync(folder, { recursive: true });
  return join(folder, `draw-${String(draw).padStart(3, '0')}.json`);
}

interface Extent {
  /** Seeds per pair. */
  searches: number;
  budget_s: number;
}

/** Keeps finished draws, so that an interrupted part continues. */
async function study(from: number, to: number, extent: Extent): Promise<void> {
  for (let draw = from; draw <= to; draw++) {
    const file = fileOf(draw, extent.budget_s);
    if (existsSync(file)) continue;
    const truth = bruteForce(drawPair(SEED, draw), TARGET, { ...RANGE, requests: LONG_RUN });
    const row = truth === null ? null : await rowOf(draw, truth, extent);
    writeFileSync(file, `${JSON.stringify(row, null, 2)}\n`);
    process.stderr.write(row === null ? `${draw}: no capacity in the range\n` : line(row));
  }
}

async function rowOf(draw: number, truth: Truth, { searches, budget_s }: Extent): Promise<Row> {
  const drawn = drawPair(SEED, draw);
  const probe = virtualProber(drawn, TARGET);
  const row: Row = {
    draw,
    server: drawn.name,
    slo: drawn.scenario.slo.map(formatCondition).join(', '),
    truth,
    searches: [],
    bisections: [],
  };
  for (let k = 0; k < searches; k++) {
    const seed = 1_000_000 * (draw + 1) + 10_000 * k;
    // The defaults of the command.
    const settings = { axis: 'rate' as const, target: TARGET, budget_s, width: 0.1, seed };
    const found = await search(settings, [], {
      carryOut: (plan) => Promise.resolve(probe(plan)),
      stopped: () => false,
    });
    const { posterior, windows, stopped } = found;
    row.searches.push({
      rate: posterior?.median ?? NaN,
      low: posterior?.low ?? NaN,
      high: posterior?.high ?? NaN,
      took_s: windows.reduce((sum, { took_s }) => sum + took_s + 2, 0),
      probes: windows.length,
      status: stopped,
    });
    const alone = windows.find(({ kind }) => kind === 'single')!;
    row.bisections.push(bisect(probe, { target: TARGET, first: 1 / alone.e2e_s!, seed: seed + 5000 }));
  }
  return row;
}

const errorOf = ({ rate }: { rate: number }, truth: Truth): number => Math.log(rate / truth.rate);
const holds = ({ low, high }: { low: number; high: number }, truth: Truth): boolean =>
  low <= truth.rate && truth.rate <= high;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function line({ draw, server, slo, truth, searches: [first], bisections: [other] }: Row): string {
  return `${draw} ${server} ${slo}: ${truth.rate.toPrecision(4)} ± ${percent(truth.error)}; search ${first!.rate.toPrecision(4)} (${percent(errorOf(first!, truth))}, ${holds(first!, truth) ? 'held' : 'NOT held'}, ${first!.took_s.toFixed(0)} s), bisection ${other?.rate.toPrecision(4)} (${other === null || other === undefined ? '' : percent(errorOf(other, truth))}, ${other?.took_s.toFixed(0)} s)\n`;
}

const NEAR = 0.06;

function report(budget_s: number): string {
  const rows: Row[] = [];
  for (let draw = 0; rows.length < PAIRS && existsSync(fileOf(draw, budget_s)); draw++) {
    const row = JSON.parse(readFileSync(fileOf(draw, budget_s), 'utf8')) as Row | null;
    if (row !== null) rows.push(row);
  }
  const summary = (title: string, each: (row: Row) => (Result | null)[]): string => {
    const results = rows.flatMap((row) => each(row).map((result) => ({ result, truth: row.truth })));
    const found = results.filter((each): each is { result: Result; truth: Truth } => each.result !== null);
    // A search without an answer has the maximum error.
    const errors = found.map(({ result, truth }) => {
      const error = Math.abs(errorOf(result, truth));
      return Number.isNaN(error) ? Infinity : error;
    });
    const near = errors.filter((error) => error <= NEAR).length;
    const held = found.filter(({ result, truth }) => holds(result, truth)).length;
    const at = (p: number): number => errors.toSorted((a, b) => a - b)[Math.ceil(p * errors.length) - 1]!;
    const took = found.map(({ result }) => result.took_s).toSorted((a, b) => a - b);
    const mean = took.reduce((sum, each) => sum + each, 0) / took.length;
    return `| ${title} | ${results.length} | ${near} | ${held} | ${percent(at(0.5))} / ${percent(at(0.9))} | ${mean.toFixed(0)} s | ${took[Math.floor(took.length / 2)]!.toFixed(0)} s |`;
  };
  const table = rows.map(({ draw, server, slo, truth, searches: [own], bisections: [other] }) =>
    [
      draw,
      server,
      slo,
      `${truth.rate.toPrecision(4)} ± ${percent(truth.error)}`,
      truth.slope.toFixed(1),
      own!.rate.toPrecision(4),
      `${own!.low.toPrecision(4)} to ${own!.high.toPrecision(4)}`,
      percent(errorOf(own!, truth)),
      own!.took_s.toFixed(0),
      other === null || other === undefined ? 'none' : percent(errorOf(other, truth)),
      other?.took_s.toFixed(0) ?? '',
    ].join(' | '),
  );
  return [
    '| | searches | within 6% | truth in the interval | error, median / p90 | time, mean | time, median |',
    '|---|---|---|---|---|---|---|',
    summary('`goodput capacity`, one search a pair', ({ searches }) => searches.slice(0, 1)),
    summary('bisection with 300 s probes, one a pair', ({ bisections }) => bisections.slice(0, 1)),
    ...(rows.every(({ searches }) => searches.length > 1)
      ? [
          summary('`goodput capacity`, with every seed', ({ searches }) => searches),
          summary('bisection with 300 s probes, with every seed', ({ bisections }) => bisections),
        ]
      : []),
    '',
    '| draw | server | SLO | truth, req/s | slope | capacity | 90% interval | error | s | bisection: error | s |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...table.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

import { levelText, levelUnit } from '../../load-text.ts';
import type { PointMean, SweepCurve, SweepDocument } from '../../sweep/sweep-document.ts';
import { clean } from '../layout/clean.ts';
import { NONE, duration, share, significant, tokenRate } from '../../numbers.ts';
import { columnsWithin, entry, hanging } from '../layout/layout.ts';
import { wrap } from '../layout/wrap.ts';
import { renderPlot } from '../layout/plot.ts';
import { simulatedWord } from '../layout/simulated.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { perEvent } from '../layout/per-event.ts';

/** A sweep and its folder. */
export interface FoundSweep {
  document: SweepDocument;
  dir: string;
}

/** Columns that a narrow terminal omits, in the order of docs/sweeps.md. */
const EXPENDABLE = [
  'good/s',
  'p99',
  'done/s',
  'tpot p50',
  'per user',
  'mfu',
  'mbu',
  'tok/s',
  'input',
  'output',
];

/** Returns a sweep for a terminal: one table, then for each curve the speed per user against the total throughput. */
export function renderSweep({ document: found, dir }: FoundSweep, style: Style): string {
  const page = openPage(style);
  const rows = pointRows(found, page);
  const aligns = rows[0]!.map((_, at, head) => (at === head.length - 1 ? 'left' : 'right'));
  const table = columnsWithin(rows, aligns, { width: page.width, expendable: EXPENDABLE });
  const lines = [
    hanging(
      `${page.ink.strong('SWEEP')}  `,
      `${simulatedWord(found, page)}${clean(found.name)}: ${progressOf(found)}`,
      page,
    ),
    [],
    table,
    ...section(invalidRuns(found).map((text) => hanging(page.signs.bullet, text, page))),
    ...found.curves.flatMap((curve) => section(trade(curve, found, page))),
    [],
    entry('Folder', `${clean(dir)} (sweep.json, sweep.csv, one run folder per point)`, page),
  ];
  return `${lines.map((group) => group.join('\n')).join('\n')}\n`;
}

const section = (groups: string[][]): string[][] => (groups.length === 0 ? [] : [[], ...groups]);

/** Number of invalid runs with a sentence each; the others share one, because one cause often affects all runs of a sweep. */
const MOST_REASONS = 3;

/** Returns why runs are invalid, with one sentence for each of the first few. */
export function invalidRuns({ points }: SweepDocument): string[] {
  const invalid = points.filter(({ summary }) => summary.audit.status === 'invalid');
  const reasons = invalid
    .slice(0, MOST_REASONS)
    .map(
      ({ run, summary }) =>
        `${clean(run)} is invalid: ${clean(summary.audit.reasons[0] ?? 'no reason given')}`,
    );
  const more = invalid.length - reasons.length;
  if (more === 0) return reasons;
  return [
    ...reasons,
    `${more} more invalid ${more === 1 ? 'run' : 'runs'}: goodput report shows the reasons of each.`,
  ];
}

/** Returns how many of the planned runs were measured. */
export function progressOf({ planned, points }: SweepDocument): string {
  const more = planned > points.length ? '; the same command with the same --out continues' : '';
  return `${points.length} of ${planned} runs${more}`;
}

const AXES = ['rate_rps', 'concurrency', 'input_tokens', 'output_tokens'] as const;
const headsOf = (unit: PointMean['axes']['unit']): Record<(typeof AXES)[number], string> => ({
  rate_rps: levelUnit('rate', unit),
  concurrency: levelUnit('concurrency', unit),
  input_tokens: 'input',
  output_tokens: 'output',
});

/** Returns one row per point, below their head. */
export function pointRows({ points, curves }: SweepDocument, page: Page): string[][] {
  const axes = AXES.filter((axis) => points.some((point) => point[axis] !== null));
  const cell = (value: number | null, format: (value: number) => string): string =>
    value === null ? page.signs.none : format(value);
  const stated = STATED.filter(({ figure }) =>
    curves.some((curve) => curve.points.some((point) => point[figure] !== null)),
  );
  const rows = curves.flatMap((curve) =>
    curve.points.map((point) => [
      String(point.point),
      ...axes.map((axis) => axisText(point.axes[axis])),
      cell(point.rps, significant),
      cell(point.system_tps, tokenRate),
      cell(point.user_tps, tokenRate),
      cell(point.ttft_p50_ms, duration),
      cell(point.ttft_p99_ms, duration),
      cell(point.tpot_p50_ms, duration),
      cell(point.attainment, share),
      cell(point.goodput_rps, significant),
      ...stated.map(({ figure, format }) => cell(point[figure], format)),
      [
        curve.knee === point.point ? 'knee' : '',
        curve.goodput_maximum === point.point ? 'goodput max' : '',
        point.invalid === 0 ? '' : `${point.invalid} of ${point.runs} invalid`,
        point.per === undefined ? '' : `tok/s and tpot${perEvent(point)}`,
      ]
        .filter((text) => text !== '')
        .join(', '),
    ]),
  );
  const heads = headsOf(curves[0]?.points[0]?.axes.unit);
  const head = [
    '',
    ...axes.map((axis) => heads[axis]),
    'done/s',
    'tok/s',
    'per user',
    'ttft p50',
    'p99',
    'tpot p50',
    'good',
    'good/s',
    ...stated.map(({ head: name }) => name),
    '',
  ];
  return [head, ...rows];
}

/** Columns of figures that rest on statements about the machine and prices. */
const STATED = [
  { figure: 'mfu', head: 'mfu', format: share },
  { figure: 'mbu', head: 'mbu', format: share },
  { figure: 'cost_per_good_request', head: 'cost/good', format: significant },
] as const;

const axisText = (value: number | string | null): string =>
  value === null ? '' : typeof value === 'number' ? String(value) : clean(value);

/** Returns the lengths that distinguish a curve from the others; empty if there is only one curve. */
export function lengthsOf(curve: SweepCurve, { curves }: SweepDocument): string {
  if (curves.length === 1) return '';
  return [
    ...(curve.input_tokens === null ? [] : [`input ${axisText(curve.input_tokens)}`]),
    ...(curve.output_tokens === null ? [] : [`output ${axisText(curve.output_tokens)}`]),
  ].join(', ');
}

/** Returns the throughput that a curve is drawn by: per device where the machine is stated. */
export const throughputOf = ({ points }: SweepCurve): 'device_tps' | 'system_tps' =>
  points.some(({ device_tps }) => device_tps !== null) ? 'device_tps' : 'system_tps';

/** Returns one curve as a plot, with what it shows. */
function trade(curve: SweepCurve, found: SweepDocument, page: Page): string[][] {
  const lengths = lengthsOf(curve, found);
  const of = lengths === '' ? '' : ` (${lengths})`;
  const x = throughputOf(curve);
  const drawn = curve.points.flatMap((point) =>
    point[x] === null || point.user_tps === null
      ? []
      : [
          {
            x: point[x],
            y: point.user_tps,
            mark: curve.knee === point.point ? 'K' : curve.goodput_maximum === point.point ? 'G' : 'o',
          },
        ],
  );
  if (drawn.length < 2) return [];
  return [
    wrap(
      `tok/s per user (y) against ${x === 'device_tps' ? 'tok/s per device' : 'total tok/s'} (x)${perEvent(curve.points.find(({ per }) => per !== undefined) ?? {})}${of}`,
      page.width,
    ),
    renderPlot(drawn, page.width),
    ...sentences(curve).map((text) => hanging(page.signs.bullet, text, page)),
  ];
}

/** Returns sentences about the knee and the goodput maximum of a curve. */
export function sentences({ points, knee, goodput_maximum: most }: SweepCurve): string[] {
  const first = points[0]!;
  const at = (number: number | null): PointMean | null =>
    points.find(({ point }) => point === number) ?? null;
  const bend = at(knee);
  const best = at(most);
  return [
    bend === null
      ? 'No knee: the curve has no bend between these loads.'
      : `K, the knee: ${pointText(bend)}.${bend === first ? '' : ` Compared with ${pointText(first)}: ${times(bend.system_tps, first.system_tps)} the tok/s at ${times(bend.ttft_p50_ms, first.ttft_p50_ms)} the TTFT and ${times(bend.tpot_p50_ms, first.tpot_p50_ms)} the TPOT (medians).`}`,
    ...(best === null
      ? []
      : [
          `${best === bend ? 'K is also the' : 'G, the'} goodput maximum: ${pointText(best)}, ${significant(best.goodput_rps)} good req/s.`,
        ]),
    ...cheapest(points),
  ];
}

/** Returns which load costs least per good request. */
function cheapest(points: SweepCurve['points']): string[] {
  const known = points.filter((point) => point.cost_per_good_request !== null);
  if (known.length < 2) return [];
  const best = known.reduce((a, b) => (b.cost_per_good_request! < a.cost_per_good_request! ? b : a));
  return [
    `Cheapest per good request: ${pointText(best)}, ${significant(best.cost_per_good_request)} ${best.currency ?? ''}.`,
  ];
}

const times = (value: number | null, base: number | null): string =>
  value === null || base === null || base === 0 ? NONE : `${significant(value / base)} ×`;

const pointText = ({ point, axes }: PointMean): string => levelText(axes) ?? `point ${point}`;

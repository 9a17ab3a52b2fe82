import type { PointMean, SweepCurve, SweepDocument } from '../../sweep/document.ts';
import { clean } from '../layout/clean.ts';
import { duration, share, significant, tokenRate } from '../layout/format.ts';
import { columnsWithin, entry, hanging } from '../layout/layout.ts';
import { wrap } from '../layout/wrap.ts';
import { renderPlot } from '../layout/plot.ts';
import { simulatedWord } from '../layout/simulated.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { perEvent } from '../layout/token-unit.ts';

/** A sweep, and the folder that it is in. */
export interface FoundSweep {
  document: SweepDocument;
  dir: string;
}

/** What a narrow terminal does without, the first first; `docs/sweeps.md` has the same order. */
const EXPENDABLE = ['good/s', 'p99', 'done/s', 'tpot p50', 'per user', 'tok/s', 'input', 'output'];

/** A sweep on a terminal: one table, then for each curve the trade-off of speed per user against that of the system. */
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
    entry('Folder', `${clean(dir)} (sweep.json, sweep.csv, a run folder each)`, page),
  ];
  return `${lines.map((group) => group.join('\n')).join('\n')}\n`;
}

const section = (groups: string[][]): string[][] => (groups.length === 0 ? [] : [[], ...groups]);

/** More runs than these share a sentence: one cause often spoils all runs of a sweep. */
const MOST_REASONS = 3;

/** Returns why runs are invalid, a sentence for each of the first few. */
export function invalidRuns({ points }: SweepDocument): string[] {
  const invalid = points.filter(({ summary }) => summary.audit.status === 'invalid');
  const told = invalid
    .slice(0, MOST_REASONS)
    .map(
      ({ run, summary }) =>
        `${clean(run)} is invalid: ${clean(summary.audit.reasons[0] ?? 'no reason given')}`,
    );
  const more = invalid.length - told.length;
  if (more === 0) return told;
  return [
    ...told,
    `${more} more invalid ${more === 1 ? 'run' : 'runs'}: goodput report shows the reasons of each.`,
  ];
}

/** How much of it there is. */
export function progressOf({ planned, points }: SweepDocument): string {
  const more = planned > points.length ? '; called again with the same --out it goes on' : '';
  return `${points.length} of ${planned} runs${more}`;
}

const AXES = ['rate_rps', 'concurrency', 'input_tokens', 'output_tokens'] as const;
const HEADS: Record<(typeof AXES)[number], string> = {
  rate_rps: 'req/s',
  concurrency: 'in flight',
  input_tokens: 'input',
  output_tokens: 'output',
};

/** A row a point, below their head. */
export function pointRows({ points, curves }: SweepDocument, page: Page): string[][] {
  const axes = AXES.filter((axis) => points.some((point) => point[axis] !== null));
  const cell = (value: number | null, format: (value: number) => string): string =>
    value === null ? page.signs.none : format(value);
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
  const head = [
    '',
    ...axes.map((axis) => HEADS[axis]),
    'done/s',
    'tok/s',
    'per user',
    'ttft p50',
    'p99',
    'tpot p50',
    'good',
    'good/s',
    '',
  ];
  return [head, ...rows];
}

const axisText = (value: number | string | null): string =>
  value === null ? '' : typeof value === 'number' ? String(value) : clean(value);

/** Which of several curves it is: its lengths. */
export function lengthsOf(curve: SweepCurve, { curves }: SweepDocument): string {
  if (curves.length === 1) return '';
  return [
    ...(curve.input_tokens === null ? [] : [`input ${axisText(curve.input_tokens)}`]),
    ...(curve.output_tokens === null ? [] : [`output ${axisText(curve.output_tokens)}`]),
  ].join(', ');
}

/** One curve in words and as a picture. */
function trade(curve: SweepCurve, found: SweepDocument, page: Page): string[][] {
  const lengths = lengthsOf(curve, found);
  const of = lengths === '' ? '' : ` (${lengths})`;
  const drawn = curve.points.flatMap((point) =>
    point.system_tps === null || point.user_tps === null
      ? []
      : [
          {
            x: point.system_tps,
            y: point.user_tps,
            mark: curve.knee === point.point ? 'K' : curve.goodput_maximum === point.point ? 'G' : 'o',
          },
        ],
  );
  if (drawn.length < 2) return [];
  return [
    wrap(
      `tok/s per user (up) against tok/s of the system${perEvent(curve.points.find(({ per }) => per !== undefined) ?? {})}${of}`,
      page.width,
    ),
    renderPlot(drawn, page.width),
    ...sentences(curve).map((text) => hanging(page.signs.bullet, text, page)),
  ];
}

/** What a curve shows, in words. */
export function sentences({ points, knee, goodput_maximum: most }: SweepCurve): string[] {
  const first = points[0]!;
  const at = (number: number | null): PointMean | null =>
    points.find(({ point }) => point === number) ?? null;
  const bend = at(knee);
  const best = at(most);
  return [
    bend === null
      ? 'No knee: nothing bends between these loads.'
      : `K, the knee: ${loadText(bend)}.${bend === first ? '' : ` Against ${loadText(first)}: ${times(bend.system_tps, first.system_tps)} the tok/s for ${times(bend.ttft_p50_ms, first.ttft_p50_ms)} the TTFT and ${times(bend.tpot_p50_ms, first.tpot_p50_ms)} the TPOT (medians).`}`,
    ...(best === null
      ? []
      : [
          `${best === bend ? 'K too' : 'G'}, the goodput maximum: ${loadText(best)}, ${significant(best.goodput_rps!)} good req/s.`,
        ]),
  ];
}

const times = (value: number | null, base: number | null): string =>
  value === null || base === null || base === 0 ? 'n/a' : `${(value / base).toFixed(1)} ×`;

const loadText = ({ point, axes }: PointMean): string =>
  axes.rate_rps !== null
    ? `${axes.rate_rps} req/s`
    : axes.concurrency !== null
      ? `${axes.concurrency} in flight`
      : `point ${point}`;

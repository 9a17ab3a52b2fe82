import type { Exits } from '../../verdict/exits.ts';
import { levelUnit } from '../../load-text.ts';
import type { CapacityDocument, ListedWindow } from '../../capacity/capacity-document.ts';
import { clean } from '../layout/clean.ts';
import { plural, share, significant, span } from '../../numbers.ts';
import { columns, columnsWithin, entry, hanging } from '../layout/layout.ts';
import { displayWidth } from '../layout/wrap.ts';
import { simulatedWord } from '../layout/simulated.ts';
import { openPage, type Ink, type Page, type Style } from '../layout/style.ts';

/** The facts about a search that are not in its document. */
export interface CapacityContext {
  name: string;
  endpoint: string;
  slo: readonly string[];
  dir: string;
  /** True if this call sent nothing, and the answer comes from the search windows in the folder. */
  stored: boolean;
}

/** Returns the note that an answer is a stored one, and how to measure again. */
export const storedText = (dir: string): string =>
  `Nothing was sent: this is the stored answer of the search windows in ${clean(dir)}. To measure again, use another folder with --out.`;

const BADGE: Record<CapacityDocument['status'], readonly [words: string, ink: keyof Ink]> = {
  estimated: ['CAPACITY', 'good'],
  never_met: ['NEVER MET', 'bad'],
  never_the_limit: ['SLO NEVER THE LIMIT', 'warn'],
  client_limited: ['CLIENT-LIMITED', 'bad'],
  undecided: ['UNDECIDED', 'warn'],
  unanswered: ['NO ANSWER', 'bad'],
};

/** The answer of a search, and what was searched. */
export interface FoundCapacity {
  document: CapacityDocument;
  context: CapacityContext;
  /** How the exit code of the process relates to the verdict; absent: it is that of the verdict. */
  exits?: Exits | undefined;
}

/** Returns the answer of `goodput capacity` for a terminal: the estimate, the reason, every search window, and the curve. */
export function renderCapacity({ document: found, context }: FoundCapacity, style: Style): string {
  const page = openPage(style);
  const [words, ink] = BADGE[found.status];
  const lines = [
    hanging(
      `${page.ink[ink](words)}  `,
      `${simulatedWord(found, page)}${page.ink.strong(clean(context.name))}: ${answer(found, page)}`,
      page,
    ),
    hanging('  ', found.reason, page),
    ...(context.stored ? [hanging('  ', storedText(context.dir), page)] : []),
    [],
    entry('Endpoint', clean(context.endpoint), page),
    entry('SLO', context.slo.map(clean).join(', '), page),
    ...facts(found).map(([label, text]) => entry(label, text, page)),
    ...section(windowTable(found, page)),
    ...section(curveTable(found, page)),
    ...(found.notes.length === 0
      ? []
      : [[], ...found.notes.map((note) => hanging(page.signs.bullet, note, page))]),
    [],
    entry('Folder', clean(context.dir), page),
  ];
  return `${lines.map((group) => group.join('\n')).join('\n')}\n`;
}

export const answerBadge = ({ status }: CapacityDocument): string => BADGE[status][0];

const section = (table: readonly string[]): string[][] => (table.length === 0 ? [] : [[], [...table]]);

/** Returns the answer as text. */
export function answer(found: CapacityDocument, page: Page): string {
  const goal = `attainment ${page.unicode ? '≥' : '>='} ${share(found.target)}`;
  const inFlight = found.by === 'concurrency';
  const value = inFlight ? found.capacity_concurrency : found.capacity_rps;
  const low = inFlight ? found.low_concurrency : found.low_rps;
  const high = inFlight ? found.high_concurrency : found.high_rps;
  const think =
    found.think === undefined || !inFlight ? '' : `, each with a think time of ${clean(found.think)}`;
  const unit = `${levelUnit(found.by, found.unit)}${think}`;
  switch (found.status) {
    case 'estimated': {
      const served =
        inFlight && found.capacity_rps !== null ? `, ${significant(found.capacity_rps)} req/s` : '';
      return `${significant(value)} ${unit}${served} with ${goal}; ${share(found.confidence)} interval ${significant(low)} to ${significant(high)}`;
    }
    case 'never_met':
      return `no load reaches ${goal}; the capacity is 0`;
    case 'never_the_limit':
      return `${goal} at every load; the server completes at most ${significant(found.completed_rps)} req/s`;
    case 'client_limited':
      return low === null ? 'goodput could not keep up' : `at least ${significant(low)} ${unit}`;
    default:
      return low === null ? `no load with ${goal} found yet` : `at least ${significant(low)} ${unit} so far`;
  }
}

/** Returns labelled facts about the answer. */
export function facts(found: CapacityDocument): [label: string, text: string][] {
  const rows: [string, string][] = [];
  if (found.binding !== null)
    rows.push(['Binding', `${found.binding}: most of the bad requests near the capacity missed it`]);
  const per = found.per_gpu_rps;
  if (per !== null)
    rows.push([
      'Per GPU',
      `${significant(per.value)} req/s (${significant(per.low)} to ${significant(per.high)}), ${found.gpus} GPUs`,
    ]);
  rows.push(['Measured', `${span(found.spent_s)} in ${plural(found.probes.length, 'search window')}`]);
  return rows;
}

const END: Record<ListedWindow['ended'], string> = {
  full: '',
  clear: 'clear',
  aborted: 'aborted',
  interrupted: 'interrupted',
};

/** Returns the remarks on a search window: how it ended, what disturbed it, whether it is left out. */
const markOf = ({ ended, void: why, contended, suspect, dropped }: ListedWindow): string =>
  [
    why === null ? END[ended] : 'void',
    contended !== null ? 'contended' : suspect !== null ? 'suspect' : '',
    dropped === null ? '' : 'left out',
  ]
    .filter((mark) => mark !== '')
    .join(', ');

/** Head of a column that counts requests where the load counts sessions. */
const OFFERED_REQUESTS = 'offered req/s';

/** Returns one row per search window, below their head. */
export function windowRows(found: CapacityDocument, page: Page): string[][] {
  const rows = found.probes.map((probe, at) => [
    String(at + 1),
    probe.kind,
    levelText(probe, found, page),
    significant(probe.offered_rps),
    probe.attainment.value === null ? page.signs.none : share(probe.attainment.value),
    probe.attainment.low === null
      ? page.signs.none
      : `${share(probe.attainment.low)} to ${share(probe.attainment.high)}`,
    `${probe.good}/${probe.judged}`,
    span(probe.window_s),
    markOf(probe),
  ]);
  const head = [
    'Window',
    'kind',
    levelUnit(found.by, found.unit),
    found.unit === undefined ? 'offered' : OFFERED_REQUESTS,
    'attainment',
    '90% interval',
    'good',
    'length',
    '',
  ];
  return [head, ...rows];
}

/** Columns that a narrow terminal omits, in the order of docs/capacity.md. */
const EXPENDABLE = ['offered', OFFERED_REQUESTS, 'length', 'kind', 'good', '90% interval'];

function windowTable(found: CapacityDocument, page: Page): string[] {
  const voids = found.probes.flatMap((probe, at) =>
    probe.void === null ? [] : hanging(`  ${at + 1} is void: `, clean(probe.void), page),
  );
  const rows = windowRows(found, page);
  const aligns = rows[0]!.map((head) => (head === 'kind' || head === '' ? 'left' : 'right'));
  const table = columnsWithin(rows, aligns, { width: page.width, expendable: EXPENDABLE });
  return [...table, ...voids];
}

const BAR = 30;

/** Returns the level of a window; none for single requests, which have no rate, in a search by rate. */
function levelText({ rate_rps, concurrency }: ListedWindow, { by }: CapacityDocument, page: Page): string {
  const level = by === 'rate' ? rate_rps : concurrency;
  return level === null ? page.signs.none : significant(level);
}

/** Number of loads of the curve that are printed. */
const PRINTED_LOADS = 11;

/** Returns some points of the curve, evenly spaced from its first to its last. */
function printedCurve({ curve }: CapacityDocument): CapacityDocument['curve'] {
  const step = Math.max(1, Math.round((curve.length - 1) / (PRINTED_LOADS - 1)));
  return curve.filter((_, at) => at % step === 0);
}

/** Returns rows for loads of the curve, below their head; none if there is no curve. */
export function curveRows(found: CapacityDocument): string[][] {
  if (found.curve.length === 0) return [];
  const rows = printedCurve(found).map(({ load, attainment }) => [
    significant(load),
    share(attainment.value),
    `${share(attainment.low)} to ${share(attainment.high)}`,
  ]);
  return [[`Curve, ${levelUnit(found.by, found.unit)}`, 'attainment', '90% interval'], ...rows];
}

function curveTable(found: CapacityDocument, page: Page): string[] {
  const [head, ...rows] = curveRows(found);
  if (head === undefined) return [];
  const full = page.unicode ? '█' : '#';
  const figures = columns([head, ...rows], ['right', 'right', 'right']);
  const room = Math.min(BAR, page.width - Math.max(...figures.map(displayWidth)) - 2);
  const bars = printedCurve(found).map(({ attainment }) => full.repeat(Math.round(attainment.value * room)));
  return figures.map((line, at) => (at === 0 ? line : `${line}  ${bars[at - 1]!}`.trimEnd()));
}

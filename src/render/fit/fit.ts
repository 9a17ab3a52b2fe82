import type { CapacityDocument } from '../../capacity/capacity-document.ts';
import type { FitDocument, FitRow } from '../../fit/fit-document.ts';
import { count, duration, plural, share, significant } from '../../numbers.ts';
import { columnsWithin, entry, hanging } from '../layout/layout.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { wrap } from '../layout/wrap.ts';

const BEST_BY = {
  per_good_request: 'lowest cost per good request',
  capacity_per_device: 'highest capacity per device; state prices to find the cheapest',
  price_per_hour: 'lowest price per hour that fits',
} as const;

const GIB = 2 ** 30;
const BILLION = 1e9;

/** Returns the comparison of machines: whether each can run the model and how long it takes, then its capacity and cost. */
export function renderFit(found: FitDocument, style: Style): string {
  const page = openPage(style);
  const { model, workload, slo } = found;
  const { none } = page.signs;
  const load =
    workload.rate_rps === null
      ? `${workload.concurrency} at once`
      : `${significant(workload.rate_rps)} req/s, memory for ${workload.concurrency} at once`;
  const lines = [
    entry(
      'Model',
      `${significant(model.params / BILLION)} B parameters, ${significant(model.active_params / BILLION)} B active; ${significant(model.weight_bytes / BILLION)} GB; ${count(model.kv_bytes_per_token)} bytes of cache per token`,
      page,
    ),
    entry(
      'Workload',
      `${count(workload.input_tokens)} input and ${count(workload.output_tokens)} output tokens; ${load}`,
      page,
    ),
    ...(slo.length === 0
      ? []
      : [entry('SLO', `${slo.join(', ')}, met by ${share(found.target)} of the requests`, page)]),
    [''],
    machineTable(found, page),
    ...(slo.length === 0 ? [] : [[''], capacityTable(found, page)]),
    [''],
    ...bestText(found, page),
    entry('Assumed', assumedText(found, page), page),
    ...(found.notes.length === 0
      ? []
      : [[''], ...found.notes.map((note) => hanging(page.signs.bullet, note, page))]),
    ...(found.verdict.status === 'interrupted'
      ? [[''], hanging('', `interrupted: machines without figures (${none}) were not simulated`, page)]
      : []),
  ];
  return `${lines.flat().join('\n')}\n`;
}

const machineName = ({ accelerator, count: devices }: FitRow): string => `${accelerator}:${devices}`;

/** Returns the table of what fits and how long it takes. */
function machineTable({ rows, workload }: FitDocument, page: Page): string[] {
  const { none, atLeast } = page.signs;
  const ms = (value: number | null | undefined): string => (value == null ? none : significant(value));
  const lowest = (name: string): string => `${name} ${atLeast.trim()}`;
  const head = ['machine', 'KV tokens', lowest('TTFT'), 'TTFT', lowest('TPOT'), 'TPOT', 'fits'].map(
    page.ink.strong,
  );
  const cells = rows.map((row) => [
    machineName(row),
    row.kv_tokens === null ? none : count(row.kv_tokens),
    ms(row.floors.ttft_ms),
    ms(row.simulated?.ttft_ms),
    ms(row.floors.tpot_ms),
    ms(row.simulated?.tpot_ms),
    fitsText(row, page),
  ]);
  const table = columnsWithin(
    [head, ...cells],
    ['left', 'right', 'right', 'right', 'right', 'right', 'left'],
    { width: page.width, expendable: [head[1]!, head[2]!, head[4]!], elsewhere: '--json has them' },
  );
  const load =
    workload.rate_rps === null
      ? `${count(workload.concurrency)} in flight`
      : `${significant(workload.rate_rps)} req/s`;
  const why = [
    ...(rows.some(({ missing_bytes }) => (missing_bytes ?? 0) > 0) ? ['GiB: missing on each device'] : []),
    ...(rows.some(({ divides }) => !divides)
      ? ['heads: the number of devices does not divide the attention heads']
      : []),
  ];
  const legend = `TTFT and TPOT in ms: the lowest possible (${atLeast.trim()}), and the median of the simulated engine with ${load}.`;
  return [
    ...table,
    ...wrap([legend, ...why.map((text) => `${text}.`)].join(' '), page.width).map(page.ink.faint),
  ];
}

function fitsText(row: FitRow, { ink }: Page): string {
  if (row.fits) return ink.good('yes');
  if (!row.divides) return ink.bad('heads');
  if (row.missing_bytes === null) return ink.bad('memory?');
  return ink.bad(`-${significant(row.missing_bytes / GIB)} GiB`);
}

/** Returns the table of capacity and cost. */
function capacityTable(found: FitDocument, page: Page): string[] {
  const { none } = page.signs;
  const { currency } = found;
  const money = (value: number | null): string => (value === null ? none : significant(value));
  const rate = found.rows.some(({ capacity }) => capacity?.unit === 'sessions') ? 'sessions/s' : 'req/s';
  const head = ['machine', rate, '90% interval', `${currency}/h`, 'per 1M out', 'per good request', ''].map(
    page.ink.strong,
  );
  const hasPrices = found.rows.some(({ price_per_hour }) => price_per_hour !== null);
  const cells = found.rows
    .filter(({ fits }) => fits)
    .map((row) => [
      machineName(row),
      capacityText(row.capacity, page),
      intervalText(row.capacity),
      money(row.price_per_hour),
      money(row.per_1m_output),
      money(row.per_good_request),
      row.best ? page.ink.good('best') : '',
    ]);
  if (cells.length === 0) return [page.ink.bad('The model fits none of these machines.')];
  const shown = hasPrices ? [0, 1, 2, 3, 4, 5, 6] : [0, 1, 2, 6];
  const aligns = ['left', 'right', 'left', 'right', 'right', 'right', 'left'] as const;
  return columnsWithin(
    [head, ...cells].map((row) => shown.map((column) => row[column]!)),
    shown.map((column) => aligns[column]!),
    { width: page.width, expendable: [head[3]!, head[4]!], elsewhere: '--json has them' },
  );
}

function capacityText(capacity: CapacityDocument | null, { signs }: Page): string {
  if (capacity === null) return signs.none;
  const { status, capacity_rps, completed_rps } = capacity;
  if (status === 'never_the_limit' && completed_rps !== null)
    return `${signs.atLeast}${significant(completed_rps)}`;
  return capacity_rps === null ? signs.none : significant(capacity_rps);
}

function intervalText(capacity: CapacityDocument | null): string {
  if (capacity?.status !== 'estimated') return '';
  return `${significant(capacity.low_rps)} to ${significant(capacity.high_rps)}`;
}

function bestText({ rows, best_by }: FitDocument, page: Page): string[][] {
  const best = rows.find((row) => row.best);
  if (best === undefined || best_by === null) return [];
  const name = `${plural(best.count, 'device')} of ${best.name} (${machineName(best)})`;
  return [entry('Best', `${name}: ${BEST_BY[best_by]}`, page)];
}

function assumedText({ assumed, rows }: FitDocument, page: Page): string {
  const { mfu, mbu, mfu_several, mbu_several, overhead_us, from, calibration } = assumed;
  const both = (one: number, several: number): string =>
    one === several || rows.every(({ count: devices }) => devices === 1)
      ? share(one)
      : rows.every(({ count: devices }) => devices > 1)
        ? share(several)
        : `${share(one)} (${share(several)} on several devices)`;
  const origin = { default: 'assumed', stated: 'stated', run: 'measured' };
  const texts = [
    `MFU reached ${both(mfu, mfu_several)}, ${origin[from.mfu]}`,
    `MBU reached ${both(mbu, mbu_several)}, ${origin[from.mbu]}`,
    `${duration(overhead_us / 1000)} of overhead per step, ${origin[from.overhead]}`,
    'floors: peaks of the catalogue, no communication',
  ];
  if (calibration === null) return `${texts.join('; ')}. A measured run gives yours: --calibrate-from RUN.`;
  const median = (value: number | null): string => (value === null ? page.signs.none : duration(value));
  const { ttft_ms, tpot_ms } = calibration;
  return `${texts.join('; ')}. From ${plural(calibration.requests, 'request')} of ${calibration.run} on ${calibration.machine}: median TTFT ${median(ttft_ms.measured)}, simulated ${median(ttft_ms.simulated)}; TPOT ${median(tpot_ms.measured)}, simulated ${median(tpot_ms.simulated)}.`;
}

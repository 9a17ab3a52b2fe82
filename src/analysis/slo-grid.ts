import type { RequestSlo } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import { RequestFigures } from '../metrics/request-figures.ts';
import type { GridAxis } from '../slo/slo-grid.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import { isInCohort } from './cohort.ts';
import { completionIn } from './completion-share.ts';
import { deadlinesOf } from './deadlines.ts';
import { Judge, judgeContextOf } from './judging.ts';
import { Misleading } from './misleading.ts';

/** One combination of limits. */
export interface GridCell {
  /** metric → limit of the grid, in the unit of the metric. */
  limits: Record<string, number>;
  judged: number;
  good: number;
  /** good ÷ judged; `null` if no request was judged. */
  attainment: number | null;
  /** Good requests completed in W, per minute; `null` if W has no length. */
  goodput_rpm: number | null;
}

/** A run judged by every combination of limits. */
export interface SloGridReport {
  axes: { metric: string; limits: number[] }[];
  /** Limits that all cells share. */
  fixed: Record<string, number>;
  /** Row by row: the last axis varies fastest. */
  cells: GridCell[];
}

/**
 * Judges the same requests by every combination of the limits of the grid, together with `slos` on other metrics. The rules are those of
 * the report: a cell with the limits of the run has the attainment of the run.
 */
export async function sloGrid(
  header: RunHeader,
  window: Window,
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  slos: readonly RequestSlo[],
  axes: readonly GridAxis[],
): Promise<SloGridReport> {
  const fixed = slos.filter(({ metric }) => !axes.some((axis) => axis.metric === metric));
  const { loop, clock } = header.load;
  // Each sample is read once for all cells, unless token deadlines depend on the limits of a cell.
  const dependsOnCell = fixed.some(({ metric }) => metricNamed(metric)!.needsLimits.length > 0);
  const lacks = header.imported?.lacks;
  const shared = dependsOnCell ? null : new RequestFigures({ loop, clock, deadlines: null, lacks });
  const cells = combinations(axes).map((limits) => new Cell(header, window, [...fixed, ...limits], limits));
  for await (const sample of samples) {
    shared?.read(sample);
    for (const cell of cells) cell.add(sample, shared);
  }
  return {
    axes: axes.map(({ metric, limits }) => ({ metric, limits: limits.map(({ value }) => value) })),
    fixed: Object.fromEntries(fixed.map(({ metric, value }) => [metric, value])),
    cells: cells.map((cell) => cell.result()),
  };
}

const combinations = (axes: readonly GridAxis[]): RequestSlo[][] =>
  axes.reduce<RequestSlo[][]>(
    (before, { limits }) => before.flatMap((given) => limits.map((limit) => given.concat(limit))),
    [[]],
  );

class Cell {
  readonly #header: RunHeader;
  readonly #window: Window;
  readonly #limits: readonly RequestSlo[];
  readonly #figures: RequestFigures;
  readonly #judge: Judge;
  /** Withholds what an imported run lacks. */
  readonly #misleading: Misleading;
  #judged = 0;
  #good = 0;
  #completed = 0;

  constructor(header: RunHeader, window: Window, slos: readonly RequestSlo[], limits: readonly RequestSlo[]) {
    const { loop, clock } = header.load;
    this.#header = header;
    this.#window = window;
    this.#limits = limits;
    const lacks = header.imported?.lacks;
    this.#figures = new RequestFigures({ loop, clock, deadlines: deadlinesOf(slos), lacks });
    this.#misleading = new Misleading(lacks, slos);
    this.#judge = new Judge(slos, judgeContextOf(header.load));
  }

  /** @param shared the figures of the sample; `null`: the cell computes them with its own deadlines */
  add(sample: Sample, shared: RequestFigures | null): void {
    if (shared === null) this.#figures.read(sample);
    const figures = shared ?? this.#figures;
    const judgement = this.#judge.judge(sample, figures);
    const { load } = this.#header;
    if (judgement === 'good')
      this.#completed += completionIn(sample, load.loop, this.#window.start_us, this.#window.end_us);
    if (judgement === 'censored' || !isInCohort(sample, figures.start_us, load, this.#window)) return;
    this.#judged++;
    if (judgement === 'good') this.#good++;
  }

  result(): GridCell {
    const seconds = (this.#window.end_us - this.#window.start_us) / 1e6;
    const isShown = (name: string): boolean => this.#misleading.whyNot(metricNamed(name)!) === null;
    return {
      limits: Object.fromEntries(this.#limits.map(({ metric, value }) => [metric, value])),
      judged: this.#judged,
      good: this.#good,
      attainment: this.#judged === 0 || !isShown('attainment') ? null : this.#good / this.#judged,
      goodput_rpm: seconds > 0 && isShown('goodput_rpm') ? (this.#completed * 60) / seconds : null,
    };
  }
}

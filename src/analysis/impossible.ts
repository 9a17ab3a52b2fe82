import type { Milliseconds } from '../units.ts';

export const IMPOSSIBLE_FIGURES = ['ttft', 'tpot', 'mfu', 'mbu'] as const;

/** A measured figure that the stated machine and model cannot have. */
export interface ImpossibleFigure {
  figure: (typeof IMPOSSIBLE_FIGURES)[number];
  /** In ms, or a share. */
  measured: number;
  /** The limit that it passes: a lower limit in ms, or 1. */
  floor: number;
  /** Likely reasons, the likeliest first. */
  reasons: string[];
}

type Utilisation = 'mfu' | 'mfu_prefill' | 'mfu_decode' | 'mbu';
type Utilisations = Record<Utilisation, number | null>;

const WRONG = 'another model, or more devices, than stated';
const REASONS: Readonly<Record<ImpossibleFigure['figure'], readonly string[]>> = {
  ttft: [
    'a prefix cache that the server does not report',
    WRONG,
    'a lower precision than stated',
    'a first event before the first token',
  ],
  tpot: ['speculative decoding', 'fewer bytes per weight than stated', WRONG, 'several tokens per event'],
  mfu: ['a prefix cache that the server does not report', WRONG, 'a lower precision than stated'],
  mbu: [
    'tokens that arrive in bursts: speculative decoding, or a buffer on the way',
    'fewer bytes per weight than stated',
    WRONG,
  ],
};

/** The utilisations that an impossible figure makes worthless. */
const WITHHOLDS: Readonly<Record<ImpossibleFigure['figure'], readonly Utilisation[]>> = {
  ttft: ['mfu', 'mfu_prefill'],
  tpot: ['mbu'],
  mfu: ['mfu', 'mfu_prefill', 'mfu_decode'],
  mbu: ['mbu'],
};

/** Returns the figures below their floors, and utilisations above 1 that those have not withheld. */
export function impossibleFigures(
  measured: Utilisations & Record<'ttft' | 'tpot', Milliseconds | null>,
  floors: { ttft_ms: Milliseconds | null; tpot_ms: Milliseconds | null },
): ImpossibleFigure[] {
  const found: ImpossibleFigure[] = [];
  const add = (figure: ImpossibleFigure['figure'], value: number, floor: number): unknown =>
    found.push({ figure, measured: value, floor, reasons: [...REASONS[figure]] });
  for (const figure of ['ttft', 'tpot'] as const) {
    const value = measured[figure];
    const floor = floors[`${figure}_ms`];
    if (value !== null && floor !== null && value < floor) add(figure, value, floor);
  }
  const left = withheldBy(found, measured);
  // Without the total, the part of the decode may still be above 1.
  const mfu = left.mfu ?? left.mfu_decode ?? 0;
  if (mfu > 1) add('mfu', mfu, 1);
  if (left.mbu !== null && left.mbu > 1) add('mbu', left.mbu, 1);
  return found;
}

/** Returns the utilisations without those that impossible figures withhold. */
export function withheldBy(impossible: readonly ImpossibleFigure[], values: Utilisations): Utilisations {
  const withheld = new Set(impossible.flatMap(({ figure }) => WITHHOLDS[figure]));
  const { mfu, mfu_prefill, mfu_decode, mbu } = values;
  const entries = Object.entries({ mfu, mfu_prefill, mfu_decode, mbu } satisfies Utilisations);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, withheld.has(name as Utilisation) ? null : value]),
  ) as Utilisations;
}

/** Returns the impossible figures because of which a metric has no value. */
export const impossibleFor = (metric: string, impossible: readonly ImpossibleFigure[]): ImpossibleFigure[] =>
  impossible.filter(({ figure }) => WITHHOLDS[figure].some((name) => name === metric));

import type { MachineReport } from '../../analysis/machine-report.ts';
import { share, significant } from '../../numbers.ts';
import { rooflinePlot } from '../layout/roofline-plot.ts';
import type { Page } from '../layout/style.ts';
import { wrap } from '../layout/wrap.ts';

const TERA = 1e12;

/** The plot extends this factor beyond the ridge and the points. */
const MARGIN = 4;

/** A phase on the roofline of one device. */
export interface RooflinePoint {
  phase: 'prefill' | 'decode';
  /** FLOP per byte. */
  intensity: number;
  /** TFLOP/s. */
  rate: number;
  /** Share of what the roofline allows at this intensity. */
  share: number;
}

/** The roofline of one device, with what a run reached. */
export interface RunRoofline {
  /** TB/s, and TFLOP/s. */
  bandwidth: number;
  peak: number;
  ridge: number;
  left: number;
  right: number;
  points: RooflinePoint[];
}

/** Returns the roofline of a machine; `null` without both peaks. */
export function rooflineOf(machine: MachineReport): RunRoofline | null {
  const { peak, ridge, intensity, reached } = machine;
  if (peak.flops === null || peak.bandwidth === null || ridge === null) return null;
  const [bandwidth, top] = [peak.bandwidth / TERA, peak.flops / TERA];
  const points = (['prefill', 'decode'] as const).flatMap((phase): RooflinePoint[] => {
    const [at, flops] = [intensity[phase], reached[phase]];
    if (at === null || flops === null || !(at > 0) || !(flops > 0)) return [];
    const rate = flops / TERA;
    return [{ phase, intensity: at, rate, share: rate / Math.min(top, at * bandwidth) }];
  });
  const places = [ridge, ...points.map((point) => point.intensity)];
  const powerOf = (value: number, round: (value: number) => number): number => 2 ** round(Math.log2(value));
  return {
    bandwidth,
    peak: top,
    ridge,
    left: powerOf(Math.min(...places) / MARGIN, Math.floor),
    right: powerOf(Math.max(...places) * MARGIN, Math.ceil),
    points,
  };
}

/** Returns what a point says in words. */
export const pointText = ({ phase, rate, intensity, share: part }: RooflinePoint): string =>
  `${phase} ${significant(rate)} TFLOP/s at ${significant(intensity)} FLOP/byte, ${share(part)} of what the roofline allows`;

/** Draws the roofline of a run in text; nothing without both peaks or without a point. */
export function rooflineLines(machine: MachineReport | null, page: Page): string[] {
  const roofline = machine === null ? null : rooflineOf(machine);
  if (roofline === null || roofline.points.length === 0) return [];
  const { bandwidth, peak, ridge, points } = roofline;
  const marks = points.map(({ phase, intensity, rate }) => ({
    mark: phase[0]!.toUpperCase(),
    intensity,
    rate,
  }));
  return [
    '',
    page.ink.strong('Roofline of one device: TFLOP/s over FLOP per byte'),
    ...rooflinePlot({ bandwidth, roofs: [{ mark: '-', peak }], marks }, roofline, page.width),
    ...wrap(
      `/ ${significant(bandwidth)} TB/s; - ${significant(peak)} TFLOP/s; ridge at ${significant(ridge)}. ${points.map((point) => `${point.phase[0]!.toUpperCase()} ${pointText(point)}`).join('; ')}.`,
      page.width,
    ),
  ];
}

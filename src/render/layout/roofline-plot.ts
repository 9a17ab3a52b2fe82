import { significant } from '../../numbers.ts';

/** The highest rate that a device reaches, and the sign that draws it. */
export interface Roof {
  mark: string;
  /** In the unit of the plot, like all rates. */
  peak: number;
}

/** A measured point: a rate at an intensity, and the sign that draws it. */
export interface RoofMark {
  mark: string;
  intensity: number;
  rate: number;
}

interface Range {
  /** FLOP per byte. */
  left: number;
  right: number;
}

const HEIGHT = 12;
const WIDEST = 64;

/**
 * Returns a roofline: rates over the arithmetic intensity, both on logarithmic axes. The first of several roofs covers the others, and
 * marks cover roofs.
 * @param bandwidth rate of bytes, in the unit of the rates per FLOP
 */
export function rooflinePlot(
  {
    bandwidth,
    roofs,
    marks = [],
  }: { bandwidth: number; roofs: readonly Roof[]; marks?: readonly RoofMark[] },
  { left, right }: Range,
  space: number,
): string[] {
  const top = Math.max(...roofs.map(({ peak }) => peak));
  const bottom = Math.min(left * bandwidth, ...marks.map(({ rate }) => rate));
  const lead = Math.max(...[top, bottom].map((value) => significant(value).length));
  const width = Math.min(WIDEST, space - lead - 3);
  const rows = Array.from({ length: HEIGHT }, () => Array.from({ length: width }, () => ' '));
  const position = (value: number, low: number, high: number, cells: number): number =>
    Math.round((Math.log(value / low) / Math.log(high / low)) * (cells - 1));
  const rowOf = (rate: number): number => HEIGHT - 1 - position(Math.min(rate, top), bottom, top, HEIGHT);
  for (let column = 0; column < width; column++) {
    const intensity = left * (right / left) ** (column / (width - 1));
    for (const { mark, peak } of roofs.toReversed()) {
      const isSlope = intensity * bandwidth < peak;
      rows[rowOf(isSlope ? intensity * bandwidth : peak)]![column] = isSlope ? '/' : mark;
    }
  }
  for (const { mark, intensity, rate } of marks)
    rows[rowOf(rate)]![position(intensity, left, right, width)] = mark;
  const lines = rows.map((row, at) => {
    const label = at === 0 ? significant(top) : at === HEIGHT - 1 ? significant(bottom) : '';
    return `${label.padStart(lead)} |${row.join('')}`.trimEnd();
  });
  const [start, end] = [significant(left), significant(right)];
  return [
    ...lines,
    `${' '.repeat(lead)} +${'-'.repeat(width)}`,
    `${' '.repeat(lead + 2)}${start}${end.padStart(width - start.length)}`,
  ];
}

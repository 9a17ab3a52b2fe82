import { type Accelerator, type Precision, PRECISIONS } from '../../machine/accelerators.ts';
import { significant } from '../../numbers.ts';
import { rooflinePlot } from '../layout/roofline-plot.ts';
import type { Page } from '../layout/style.ts';
import { wrap } from '../layout/wrap.ts';

/** Precisions of inference that are drawn, with their signs. */
const DRAWN: readonly (readonly [Precision, string])[] = [
  ['bf16', 'b'],
  ['fp16', 'h'],
  ['fp8', '8'],
  ['int8', 'i'],
  ['fp4', '4'],
];
/** The plot extends this factor below the lowest ridge and above the highest. */
const MARGIN = 32;

/**
 * Returns a roofline: the highest possible TFLOP/s over the arithmetic intensity, both on logarithmic axes. Where precisions have the same
 * rate, the first is drawn.
 */
export function rooflineLines(device: Accelerator, page: Page): string[] {
  const bandwidth = device.bandwidth_gbps.value / 1000;
  const roofs: { precision: Precision; mark: string; peak: number }[] = [];
  for (const [precision, mark] of DRAWN) {
    const peak = device.peak_tflops[precision]?.value;
    if (peak === undefined || roofs.some((roof) => roof.peak === peak)) continue;
    roofs.push({ precision, mark, peak });
  }
  const peaks = roofs.map(({ peak }) => peak);
  const left = 2 ** Math.floor(Math.log2(Math.min(...peaks) / bandwidth / MARGIN));
  const right = 2 ** Math.ceil(Math.log2((Math.max(...peaks) / bandwidth) * (MARGIN / 8)));
  const signs = roofs.map(({ precision, mark, peak }) => {
    const same = PRECISIONS.filter((each) => each !== precision && device.peak_tflops[each]?.value === peak);
    return `${mark} ${[precision, ...same].join(', ')}: ridge at ${significant(peak / bandwidth)}`;
  });
  return [
    page.ink.strong('TFLOP/s over FLOP per byte'),
    ...rooflinePlot({ bandwidth, roofs }, { left, right }, page.width),
    ...wrap(`/ ${significant(bandwidth)} TB/s; ${signs.join('; ')}`, page.width),
  ];
}

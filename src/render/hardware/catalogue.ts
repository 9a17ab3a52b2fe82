import { type Accelerator, SOURCES } from '../../machine/accelerators.ts';
import { ridge } from '../../machine/floors.ts';
import { resolveHardware } from '../../machine/hardware.ts';
import { significant } from '../../numbers.ts';
import { columnsWithin, hanging } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';
import { wrap } from '../layout/wrap.ts';
import { figuresOfDevice, figureText, SourceNumbers, UNVERIFIED_MARK } from './figures.ts';

/** Returns the table of accelerators, with the sources of their figures below. */
export function renderCatalogue(devices: readonly Accelerator[], style: Style): string {
  const page = openPage(style);
  const numbers = new SourceNumbers();
  const rows = devices.map((device) => {
    const { none } = page.signs;
    const { bf16, fp16, fp8 } = device.peak_tflops;
    const hardware = resolveHardware({ accelerator: device.id });
    const point = 'problem' in hardware ? null : ridge(hardware);
    const sources = figuresOfDevice(device).map((figure) => numbers.numberOf(figure));
    const used = [...new Set(sources)].filter((number) => number !== null);
    return [
      device.id,
      figureText(device.memory_gb, none),
      figureText(device.bandwidth_gbps, none),
      figureText(bf16 ?? fp16, none) + (bf16 === null ? ' fp16' : ''),
      figureText(fp8, none),
      point === null ? none : significant(point),
      figureText(device.tdp_w, none),
      used.toSorted((a, b) => a - b).join(', '),
    ];
  });
  const head = ['accelerator', 'GB', 'GB/s', 'bf16', 'fp8', 'ridge', 'W', 'sources'].map(page.ink.strong);
  const table = columnsWithin(
    [head, ...rows],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    {
      width: page.width,
      expendable: [head[4]!, head[6]!, head[5]!],
      elsewhere: 'goodput hardware NAME has them',
    },
  );
  const notes = [
    'Figures are for one device. bf16 and fp8: dense TFLOP/s; fp16 where there is no bf16 rate. ridge: FLOP per byte above which arithmetic, not bandwidth, is the limit (bf16 or fp16).',
    UNVERIFIED_MARK,
  ];
  const sources = numbers.keys.flatMap((key, k) => hanging(`[${k + 1}] `, SOURCES[key]!, page));
  return [...table, '', ...notes.flatMap((note) => wrap(note, page.width)), '', ...sources, ''].join('\n');
}

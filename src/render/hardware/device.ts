import { type Accelerator, type Figure, PRECISIONS, SOURCES } from '../../machine/accelerators.ts';
import { ridgeByPrecision } from '../../machine/floors.ts';
import { count, significant } from '../../numbers.ts';
import { columns, entry, hanging } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';
import { wrap } from '../layout/wrap.ts';
import { figuresOfDevice, figureText, SourceNumbers, UNVERIFIED_MARK } from './figures.ts';
import { rooflineLines } from './roofline.ts';

/** Returns the figures of one accelerator with their sources, and its ridge by precision. */
export function renderDevice(device: Accelerator, { roofline }: { roofline: boolean }, style: Style): string {
  const page = openPage(style);
  const { none } = page.signs;
  const numbers = new SourceNumbers();
  const cited = (figure: Figure | null, unit: string): string => {
    if (figure === null) return 'not published';
    const number = numbers.numberOf(figure);
    return `${figureText(figure, none)} ${unit}${number === null ? '' : ` [${number}]`}`;
  };
  const { memory_mib_reported: reported } = device;
  const memory = [
    `${cited(device.memory_gb, 'GB')} ${device.memory_type}`,
    ...(reported === undefined
      ? []
      : [`the driver reports ${count(reported.value)} MiB${sourceMark(numbers, reported)}`]),
  ];
  const ridges = ridgeByPrecision(device);
  const rows = PRECISIONS.map((precision) => {
    const peak = device.peak_tflops[precision];
    const point = ridges[precision];
    const missing = device.unknown_peaks?.includes(precision) === true ? 'not published' : none;
    return [
      precision,
      figureText(peak, missing),
      point === null ? none : significant(point),
      peak === null ? '' : sourceMark(numbers, peak).trim(),
    ];
  });
  const head = ['precision', 'TFLOP/s', 'ridge, FLOP/byte', 'source'].map(page.ink.strong);
  const link =
    device.interconnect_gbps === null ? '' : `${cited(device.interconnect_gbps, 'GB/s both ways')}, `;
  const unit =
    device.devices_per_unit === 1 ? '' : `; ${device.devices_per_unit} devices per ${device.unit ?? 'unit'}`;
  const marks = figuresOfDevice(device).some(({ unverified }) => unverified === true)
    ? ['', ...wrap(UNVERIFIED_MARK, page.width)]
    : [];
  const lines = [
    page.ink.strong(`${device.name} (${device.id})`),
    ...entry('Vendor', `${device.vendor}, ${device.year}`, page),
    ...entry('Device', `one ${device.figures_per}${unit}`, page),
    ...entry('Memory', memory.join('; '), page),
    ...entry('Bandwidth', cited(device.bandwidth_gbps, 'GB/s'), page),
    ...entry('Power', device.tdp_w === null ? 'not published' : `${cited(device.tdp_w, 'W')} (TDP)`, page),
    ...entry('Links', `${link}${device.interconnect}`, page),
    '',
    ...columns([head, ...rows], ['left', 'right', 'right', 'left']),
    '',
    ...(roofline ? [...rooflineLines(device, page), ''] : []),
    ...entry('Notes', device.notes, page),
    ...marks,
    '',
    ...numbers.keys.flatMap((key, k) => hanging(`[${k + 1}] `, SOURCES[key]!, page)),
    '',
  ];
  return lines.join('\n');
}

function sourceMark(numbers: SourceNumbers, figure: Figure): string {
  const number = numbers.numberOf(figure);
  return number === null ? '' : ` [${number}]`;
}

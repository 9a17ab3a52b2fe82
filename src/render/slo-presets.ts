import type { SloPreset } from '../slo/slo-presets.ts';
import { columnsWithin, hanging } from './layout/layout.ts';
import { openPage, type Style } from './layout/style.ts';

/** Returns how the authors of a preset judge a run. */
export const judgedAs = ({ judged }: Pick<SloPreset, 'judged'>): string =>
  judged === 'p99' ? 'p99 of each' : `${judged * 100}% meet both`;

/** Returns the table of presets, with their sources below. */
export function renderPresets(presets: readonly SloPreset[], style: Style): string {
  const page = openPage(style);
  const sources = [...new Set(presets.map(({ source }) => source))];
  const rows = presets.map((preset) => [
    preset.name,
    `${preset.ttft_ms} ms`,
    `${preset.tpot_ms} ms`,
    judgedAs(preset),
    `[${sources.indexOf(preset.source) + 1}]`,
  ]);
  const head = ['SLO preset', 'TTFT', 'TPOT', 'judged', 'source'].map(page.ink.strong);
  const table = columnsWithin([head, ...rows], ['left', 'right', 'right', 'left', 'left'], {
    width: page.width,
    expendable: [head[3]!],
    elsewhere: '--json has it',
  });
  const notes = sources.flatMap((source, k) => hanging(`[${k + 1}] `, source, page));
  return `${[...table, '', ...notes].join('\n')}\n`;
}

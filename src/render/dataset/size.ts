import type { SizeDocument } from '../../dataset/inspect/size.ts';
import { count, rounded, share, significant } from '../../numbers.ts';
import { columns } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';
import { wrap } from '../layout/wrap.ts';

/** Returns how many records are needed, as text. */
export function renderSize(document: SizeDocument, style: Style): string {
  const page = openPage(style);
  const { quantile, error, confidence, records, minimum, stability } = document;
  const name = `p${rounded(quantile * 100, 12)}`;
  const at = share(confidence);
  const lines = [
    ...wrap(
      `${count(records)} records are needed for ${name}: with ${at} confidence its rank is then within ±${share(error)} of all records.`,
      page.width,
    ),
    ...wrap(
      `${count(minimum)} records are the fewest for any upper bound of ${name} (one-sided, ${at} confidence).`,
      page.width,
    ),
  ];
  if (stability !== null) {
    const figure = (value: number | null): string => (value === null ? page.signs.none : significant(value));
    lines.push(
      '',
      ...columns(
        [
          ['sessions', 'share', `input ${name}`, `output ${name}`].map(page.ink.strong),
          ...stability.map((row) => [
            count(row.sessions),
            share(row.share),
            figure(row.input),
            figure(row.output),
          ]),
        ],
        ['right', 'right', 'right', 'right'],
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

import { RecordError, shown } from '../model/record-error.ts';
import { didYouMean } from '../../errors.ts';
import { aiperf } from './aiperf.ts';
import { alpaca } from './alpaca.ts';
import { azureLlm } from './azure-llm.ts';
import { burstgpt } from './burstgpt.ts';
import { custom } from './custom.ts';
import type { Fields } from './fields.ts';
import type { Format, FormatName } from './format.ts';
import { goodput } from './goodput.ts';
import { mooncake } from './mooncake.ts';
import { openaiBatch } from './openai-batch.ts';
import { openaiChat } from './openai-chat.ts';
import { preference } from './preference.ts';
import { sharegpt } from './sharegpt.ts';

/** The formats, in the order of `FORMAT_NAMES`. */
const FORMATS: readonly Format[] = [
  goodput,
  openaiChat,
  openaiBatch,
  sharegpt,
  alpaca,
  preference,
  mooncake,
  aiperf,
  azureLlm,
  burstgpt,
  custom,
];

export const formatNamed = (name: FormatName): Format => FORMATS.find((format) => format.name === name)!;

/**
 * Returns the format of the first record.
 * @throws {RecordError} if none or several match, with the record and the nearest format
 */
export function recogniseFormat(first: Fields): Format {
  const all = FORMATS.filter((format) => format.recognises(first));
  // `goodput` takes the messages that are not a conversation for fine-tuning.
  const found =
    first.has('prompt') || !all.includes(openaiChat) ? all : all.filter((format) => format !== goodput);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new RecordError(unknown(first));
  const names = found.map(({ name }) => name);
  throw new RecordError(
    `ambiguous format: ${names.join(' and ')} match the keys of ${shown(first.record)}; choose one (--format ${names[0]}; in a scenario workload.data.format: ${names[0]})`,
  );
}

function unknown({ record }: Fields): string {
  const keys = Object.keys(record);
  const near = nearest(keys);
  const hint =
    near === null
      ? `; expected a record of ${FORMATS.map(({ name }) => name).join(', ')} (custom: --columns prompt=NAME; in a scenario workload.data.columns: { prompt: NAME })`
      : `; the nearest format is ${near.format.name}${near.words}`;
  return `unknown format: ${shown(record)}${hint}`;
}

/** Returns the format that has most of the keys, exactly or with a mistake; `null` if none has any. */
function nearest(keys: readonly string[]): { format: Format; words: string } | null {
  let best: { format: Format; words: string; score: number } | null = null;
  for (const format of FORMATS) {
    let score = 0;
    const words: string[] = [];
    for (const key of keys) {
      if (format.keys.includes(key)) {
        score += 1;
        continue;
      }
      const meant = didYouMean(key, format.keys);
      if (meant === null || keys.includes(meant)) continue;
      score += 0.9;
      words.push(`; "${key}": did you mean "${meant}"?`);
    }
    if (score > (best?.score ?? 0))
      best = { format, score, words: words.join('') || `, which needs ${format.needs}` };
  }
  return best;
}

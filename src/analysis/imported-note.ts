import { isLacking } from '../metrics/metric.ts';
import { METRICS } from '../metrics/registry.ts';
import type { Imported } from '../record/header.ts';
import type { Fact } from '../sample.ts';
import type { Note } from './note.ts';

/** Each fact in words, as the object of "the files do not hold". */
export const FACT_TEXT: Readonly<Record<Fact, string>> = {
  planned: 'planned instants',
  starts: 'start times on one clock',
  ends: 'the ends of failed requests',
  gaps: 'times of events between the first and the last',
  answer: 'which event begins the answer',
  tokens: 'output token counts',
  connections: 'the set-up of connections',
  failures: 'failed requests',
};

/** Returns the note that lists what an imported run lacks, and which figures it therefore does not have. */
export function importedNote({ tool, version, lacks }: Imported): Note {
  const by = version === null ? tool : `${tool} ${version}`;
  const parts = lacks.map((fact) => {
    const names = METRICS.filter((metric) => isLacking(metric, [fact])).map(({ name }) => name);
    return `${FACT_TEXT[fact]} (no ${names.join(', ')})`;
  });
  const without = parts.length === 0 ? '' : ` The imported files do not hold ${parts.join('; ')}.`;
  return { code: 'imported', text: `Measured by ${by} and imported.${without}` };
}

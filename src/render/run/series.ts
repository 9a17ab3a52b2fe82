import { seriesOf } from '../../series/series.ts';
import type { SeriesDocument } from '../../series/series-document.ts';
import { renderCompactJson } from '../writers/json.ts';
import type { ScoredRun } from './scored-run.ts';

/** Returns the series document of a run; a list for several runs. */
export async function renderSeries(runs: readonly ScoredRun[]): Promise<string> {
  const documents: SeriesDocument[] = [];
  for (const run of runs) documents.push(await seriesOf(run));
  return renderCompactJson(documents.length === 1 ? documents[0]! : documents);
}

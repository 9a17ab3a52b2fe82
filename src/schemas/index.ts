import type { AnyDefinition } from '../document/definition.ts';
import { type JsonSchema, toJsonSchema } from '../document/json-schema.ts';
import { MANIFEST } from '../dataset/write/manifest-json.ts';
import { BATCH } from '../record/batch-json.ts';
import { ROUNDS } from '../record/rounds-json.ts';
import { RUN } from '../record/run-json.ts';
import { SAMPLE } from '../record/samples-jsonl.ts';
import { SCRAPE } from '../record/telemetry.ts';
import { BATCH_COMPARISON, BATCH_SUMMARY } from './batch.ts';
import { CAPACITY } from './capacity.ts';
import { COMPARISON } from './comparison.ts';
import { COMPARISON_SERIES } from './comparison-series.ts';
import { DATA_DEDUPE, DATA_FILTER, DATA_FORMAT, DATA_SAMPLE, DATA_SIZE } from './data-documents.ts';
import { DATA_INSPECT } from './data-inspect.ts';
import { DATA_SYNTH } from './data-synth.ts';
import { DATA_VERIFY } from './data-verify.ts';
import { FIT } from './fit.ts';
import { PROBE } from './probe.ts';
import { SERIES } from './series.ts';
import { SUMMARY } from './summary.ts';
import { SWEEP } from './sweep.ts';

const DEFINITIONS = {
  run: RUN,
  sample: SAMPLE,
  scrape: SCRAPE,
  summary: SUMMARY,
  series: SERIES,
  rounds: ROUNDS,
  comparison: COMPARISON,
  'comparison-series': COMPARISON_SERIES,
  capacity: CAPACITY,
  sweep: SWEEP,
  fit: FIT,
  probe: PROBE,
  batch: BATCH,
  'batch-summary': BATCH_SUMMARY,
  'batch-comparison': BATCH_COMPARISON,
  'data-inspect': DATA_INSPECT,
  'data-dedupe': DATA_DEDUPE,
  'data-filter': DATA_FILTER,
  'data-format': DATA_FORMAT,
  'data-sample': DATA_SAMPLE,
  'data-size': DATA_SIZE,
  'data-synth': DATA_SYNTH,
  'data-verify': DATA_VERIFY,
  'data-manifest': MANIFEST,
} satisfies Record<string, AnyDefinition>;

/** A JSON document that goodput writes; `sample` is one line of `samples.jsonl`, `scrape` one of `telemetry.jsonl`. */
export type DocumentName = keyof typeof DEFINITIONS;

export const DOCUMENT_NAMES = Object.keys(DEFINITIONS) as DocumentName[];

/** Returns the JSON Schema (draft 7) of a document, the same as the package has in `docs/schemas/<name>.schema.json`. */
export const jsonSchemaOf = (name: DocumentName): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...toJsonSchema(DEFINITIONS[name]),
});

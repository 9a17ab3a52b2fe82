import type { AnyDefinition } from '../document/definition.ts';
import { type JsonSchema, toJsonSchema } from '../document/json-schema.ts';
import { ROUNDS } from '../record/rounds-json.ts';
import { RUN } from '../record/run-json.ts';
import { SAMPLE } from '../record/samples-jsonl.ts';
import { CAPACITY } from './capacity.ts';
import { COMPARISON } from './comparison.ts';
import { COMPARISON_SERIES } from './comparison-series.ts';
import { PROBE } from './probe.ts';
import { SERIES } from './series.ts';
import { SUMMARY } from './summary.ts';
import { SWEEP } from './sweep.ts';

const DEFINITIONS = {
  run: RUN,
  sample: SAMPLE,
  summary: SUMMARY,
  series: SERIES,
  rounds: ROUNDS,
  comparison: COMPARISON,
  'comparison-series': COMPARISON_SERIES,
  capacity: CAPACITY,
  sweep: SWEEP,
  probe: PROBE,
} satisfies Record<string, AnyDefinition>;

/** A JSON document that goodput writes; `sample` is one line of `samples.jsonl`. */
export type DocumentName = keyof typeof DEFINITIONS;

export const DOCUMENT_NAMES = Object.keys(DEFINITIONS) as DocumentName[];

/** Returns the JSON Schema (draft 7) of a document, the same as the package has in `docs/schemas/<name>.schema.json`. */
export const jsonSchemaOf = (name: DocumentName): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...toJsonSchema(DEFINITIONS[name]),
});

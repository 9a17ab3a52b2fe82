import { type Body, isObject } from './parameters.ts';

/** Parameters that other servers follow and that have no effect here. docs/simulator.md lists them from this list. */
export const IGNORED_PARAMETERS = [
  'tools',
  'functions',
  'response_format',
  'text',
  'logprobs',
  'top_logprobs',
  'prompt_logprobs',
  'logit_bias',
  'echo',
  'suffix',
  'best_of',
  'modalities',
  'audio',
  'prediction',
  'web_search_options',
  'reasoning',
  'reasoning_effort',
  'thinking',
  'output_config',
  'previous_response_id',
  'item_reference',
  'conversation',
  'background',
  'truncation',
  'truncate_prompt_tokens',
  'stop_token_ids',
  'bad_words',
  'allowed_token_ids',
  'structured_outputs',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'guided_grammar',
  'use_beam_search',
  'mcp_servers',
  'container',
  'context_management',
] as const;

/** Returns the ignored parameters of a request whose value differs from the default. */
export function ignoredParameters(body: Body): string[] {
  return IGNORED_PARAMETERS.filter((param) =>
    param === REFERENCE ? hasReference(body['input']) : differsFromDefault(param, body[param]),
  );
}

/** The type of an input item that stands for an item of an earlier response. No response is kept, so it adds no tokens. */
export const REFERENCE = 'item_reference';

const hasReference = (input: unknown): boolean =>
  Array.isArray(input) && input.some((item) => isObject(item) && item['type'] === REFERENCE);

function differsFromDefault(param: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value))
    return param === 'modalities' ? value.some((each) => each !== 'text') : value.length > 0;
  if (value === 'disabled') return false;
  if (!isObject(value)) return true;
  const { type, format } = value;
  if (param === 'text') return isObject(format) && format['type'] !== 'text';
  return Object.keys(value).length > 0 && type !== 'text' && type !== 'disabled';
}

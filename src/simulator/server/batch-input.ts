import { GENERATIONS } from '../api/api-paths.ts';
import { isObject } from '../api/parameters.ts';
import type { BatchLine } from './batch-work.ts';

/** A mistake in the input file of a batch, as OpenAI's batch object lists it. */
export interface LineError {
  code: string;
  message: string;
  param: string | null;
  line: number | null;
}

/** Checks the lines of one input file. */
export class LineChecker {
  readonly #endpoint: string;
  readonly #ids = new Set<string>();
  #model: unknown;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  check(text: string): BatchLine | Omit<LineError, 'line'> {
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      return wrong('invalid_json_line', 'This line is not parseable as valid JSON.');
    }
    if (!isObject(line)) return wrong('invalid_json_line', 'This line is not a JSON object.');
    const { custom_id: customId, method, url, body } = line;
    if (typeof customId !== 'string' || customId === '')
      return wrong('missing_required_parameter', "Missing required parameter: 'custom_id'.", 'custom_id');
    if (this.#ids.has(customId))
      return wrong(
        'duplicate_custom_id',
        `The custom_id '${customId}' for this request is a duplicate of another request.`,
        'custom_id',
      );
    this.#ids.add(customId);
    if (method !== 'POST') return wrong('invalid_method', `Invalid method: '${String(method)}'.`, 'method');
    if (url !== this.#endpoint)
      return wrong(
        'mismatched_url',
        `The URL provided for this request does not match the batch endpoint.`,
        'url',
      );
    if (!isObject(body))
      return wrong('missing_required_parameter', "Missing required parameter: 'body'.", 'body');
    if (body['stream'] === true)
      return wrong('invalid_request', 'Streaming is not supported in the Batch API.', 'body.stream');
    this.#model ??= body['model'];
    if (body['model'] !== this.#model)
      return wrong(
        'mismatched_model',
        'All requests of an input file must have the same model.',
        'body.model',
      );
    return { customId, api: GENERATIONS.get(this.#endpoint)!.api, body: JSON.stringify(body) };
  }
}

const wrong = (code: string, message: string, param: string | null = null) => ({ code, message, param });

/** Yields the lines of a file. */
export function* linesOf(content: string): Generator<string> {
  for (let at = 0; at < content.length;) {
    const found = content.indexOf('\n', at);
    const end = found === -1 ? content.length : found;
    yield content.slice(at, end);
    at = end + 1;
  }
}

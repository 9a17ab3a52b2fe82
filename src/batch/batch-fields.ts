import { isBadFinish } from '../client/api/finish-reason.ts';
import { asArray, asObject, asText, type JsonObject } from '../client/http/json-values.ts';
import { DocumentError } from '../client/document-client.ts';
import type { BatchResult } from './protocol.ts';

/** Returns a text that an answer of the endpoint must have. @throws {DocumentError} */
export function requiredText(document: JsonObject, key: string): string {
  const text = asText(document[key]);
  if (text !== '') return text;
  const error = { message: `the answer has no "${key}"` };
  throw new DocumentError({ outcome: 'protocol_error', status: null, error, sent_us: 0 }, false);
}

/** Returns the object of a line; `null` if the line is blank or no JSON object. */
export function parseLine(line: string): JsonObject | null {
  if (line.trim() === '') return null;
  try {
    return asObject(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Returns the finish reason of an answer that is a document, in any API. */
export function finishOf(document: JsonObject): string | null {
  const choice = asObject(asArray(document['choices'])[0]);
  const reason = asText(choice?.['finish_reason']) || asText(document['stop_reason']);
  if (reason !== '') return reason;
  const incomplete = asText(asObject(document['incomplete_details'])?.['reason']);
  return incomplete || asText(document['status']) || null;
}

/** Returns the fields of a request that was answered with a document. */
export function documentAt(
  document: JsonObject,
): Pick<BatchResult, 'outcome' | 'status' | 'error' | 'document'> {
  const finish = finishOf(document);
  if (finish !== null && (isBadFinish(finish) || finish === 'failed'))
    return {
      outcome: 'stream_error',
      status: 200,
      error: { message: `the answer ended with "${finish}"` },
      document,
    };
  return { outcome: 'ok', status: 200, error: null, document };
}

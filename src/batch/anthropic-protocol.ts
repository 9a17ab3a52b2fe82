import { asCount, asObject, asText, type JsonObject } from '../client/http/json-values.ts';
import type { BatchPart } from '../record/batch-json.ts';
import { failedResult, unexecuted } from './batch-error.ts';
import { documentAt, parseLine, requiredText } from './batch-fields.ts';
import type { DocumentClient } from '../client/document-client.ts';
import type { BatchLimits, BatchProtocol, BatchResult, BatchState } from './protocol.ts';

const BEFORE = '{"requests":[';
const AFTER = ']}';

/** Anthropic's protocol: one request has all requests of a batch, and results are lines at the batch. */
export class AnthropicProtocol implements BatchProtocol {
  readonly limits: BatchLimits;

  constructor(limits: Partial<BatchLimits>) {
    this.limits = { requests: 100_000, bytes: 256 * 1024 * 1024, isOneModel: false, ...limits };
  }

  line(customId: string, params: JsonObject): string {
    return JSON.stringify({ custom_id: customId, params });
  }

  uploadBytes(fileBytes: number): number {
    // The newline at the end of the file is not sent.
    return BEFORE.length + fileBytes - 1 + AFTER.length;
  }

  async submit(http: DocumentClient, part: BatchPart, path: string): Promise<void> {
    const batch = await http.send('POST', '/messages/batches', {
      path,
      before: BEFORE,
      after: AFTER,
      bytes: this.uploadBytes(part.bytes),
      contentType: 'application/json',
      separator: ',',
    });
    part.batch_id = requiredText(batch, 'id');
  }

  /** A batch has no name of the client's, so that one of an interrupted upload cannot be told from others. */
  recover(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async poll(http: DocumentClient, batchId: string): Promise<BatchState> {
    const path = `/messages/batches/${encodeURIComponent(batchId)}`;
    const batch = await http.send('GET', path);
    const status = requiredText(batch, 'processing_status');
    const hasEnded = status === 'ended';
    const counts = asObject(batch['request_counts']) ?? {};
    const succeeded = asCount(counts['succeeded']) ?? 0;
    return {
      status,
      hasEnded,
      // The counts are 0 until the end, which says nothing about the first completion.
      hasCompleted: !hasEnded && succeeded > 0 ? true : null,
      done: null,
      refused: null,
      // Not `results_url`: the key must not be sent to another host.
      results: hasEnded ? [`${path}/results`] : [],
    };
  }

  read(line: string): BatchResult | null {
    const object = parseLine(line);
    const result = asObject(object?.['result']);
    if (object === null || result === null) return null;
    const common = { customId: asText(object['custom_id']), requestId: null };
    const message = asObject(result['message']);
    switch (result['type']) {
      case 'succeeded':
        return { ...common, ...documentAt(message ?? {}) };
      case 'expired':
        return {
          ...common,
          ...unexecuted('expired', 'the batch expired before this request was executed', 'expired'),
        };
      case 'canceled':
        return {
          ...common,
          ...unexecuted('cancelled', 'the batch was canceled before this request was executed', 'canceled'),
        };
      default:
        return { ...common, ...failedResult(null, asObject(result['error']) ?? {}) };
    }
  }
}

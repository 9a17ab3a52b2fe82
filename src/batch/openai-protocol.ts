import { apiNamed } from '../client/api/apis.ts';
import { asArray, asCount, asObject, asText, type JsonObject } from '../client/http/json-values.ts';
import type { BatchPart } from '../record/batch-json.ts';
import type { Api } from '../scenario/keys/scenario.ts';
import { failedResult, unexecuted } from './batch-error.ts';
import { documentAt, parseLine, requiredText } from './batch-fields.ts';
import { type DocumentClient, DocumentError } from '../client/document-client.ts';
import type { BatchLimits, BatchProtocol, BatchResult, BatchState } from './protocol.ts';

const ENDED = ['completed', 'failed', 'expired', 'cancelled'];
const BOUNDARY = 'goodput-9d1f7c3be0a24586';
/** The batches and files that are looked through for those of an interrupted run. */
const PAGE = '?limit=100';
/** Names of mistakes in a batch's input that are shown. */
const SHOWN_ERRORS = 3;

/** OpenAI's protocol: a file is uploaded, a batch is created from it, and results are in an output and an error file. */
export class OpenaiProtocol implements BatchProtocol {
  readonly limits: BatchLimits;
  readonly #url: string;
  readonly #runId: string;

  constructor(api: Api, runId: string, limits: Partial<BatchLimits>) {
    this.limits = { requests: 50_000, bytes: 200 * 1024 * 1024, isOneModel: true, ...limits };
    this.#url = `/v1${apiNamed(api).path}`;
    this.#runId = runId;
  }

  line(customId: string, body: JsonObject): string {
    return JSON.stringify({ custom_id: customId, method: 'POST', url: this.#url, body });
  }

  uploadBytes(fileBytes: number): number {
    return fileBytes;
  }

  async submit(
    http: DocumentClient,
    part: BatchPart,
    path: string,
    save: () => Promise<void>,
  ): Promise<void> {
    if (part.file_id === null) {
      const before = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${this.#nameOf(part)}"\r\nContent-Type: application/jsonl\r\n\r\n`;
      const after = `\r\n--${BOUNDARY}--\r\n`;
      const contentType = `multipart/form-data; boundary=${BOUNDARY}`;
      const bytes = before.length + part.bytes + after.length;
      const file = await http.send('POST', '/files', { path, before, after, bytes, contentType });
      part.file_id = requiredText(file, 'id');
      await save();
    }
    const batch = await http.send('POST', '/batches', {
      json: {
        input_file_id: part.file_id,
        endpoint: this.#url,
        completion_window: '24h',
        metadata: { goodput_run: this.#runId },
      },
    });
    part.batch_id = requiredText(batch, 'id');
  }

  async recover(http: DocumentClient, part: BatchPart): Promise<boolean> {
    try {
      await this.#find(http, part);
      return true;
    } catch (error) {
      // Some servers do not list their files or batches.
      const { status } = error instanceof DocumentError ? error.failed : { status: null };
      if (status === 404 || status === 405 || status === 501) return false;
      throw error;
    }
  }

  async #find(http: DocumentClient, part: BatchPart): Promise<void> {
    if (part.file_id === null) {
      const name = this.#nameOf(part);
      const { data } = await http.send('GET', `/files${PAGE}`);
      const file = asArray(data).find((each) => asObject(each)?.['filename'] === name);
      // Without a file there is no batch.
      if (file === undefined) return;
      part.file_id = requiredText(asObject(file)!, 'id');
    }
    const { data } = await http.send('GET', `/batches${PAGE}`);
    const batch = asArray(data).find((each) => asObject(each)?.['input_file_id'] === part.file_id);
    if (batch !== undefined) part.batch_id = requiredText(asObject(batch)!, 'id');
  }

  async poll(http: DocumentClient, batchId: string): Promise<BatchState> {
    const batch = await http.send('GET', `/batches/${encodeURIComponent(batchId)}`);
    const status = requiredText(batch, 'status');
    const counts = asObject(batch['request_counts']);
    const completed = asCount(counts?.['completed']);
    const failed = asCount(counts?.['failed']);
    const files = [batch['output_file_id'], batch['error_file_id']].map(asText).filter((id) => id !== '');
    return {
      status,
      hasEnded: ENDED.includes(status),
      hasCompleted: completed === null ? null : completed > 0,
      done: completed === null ? null : completed + (failed ?? 0),
      refused: status === 'failed' ? errorsOf(batch) : null,
      results: files.map((id) => `/files/${encodeURIComponent(id)}/content`),
    };
  }

  read(line: string): BatchResult | null {
    const result = parseLine(line);
    if (result === null) return null;
    const { custom_id: customId } = result;
    const response = asObject(result['response']);
    const error = asObject(result['error']);
    const requestId = asText(response?.['request_id']) || null;
    const common = { customId: asText(customId), requestId };
    if (response === null) {
      const code = asText(error?.['code']);
      const message = asText(error?.['message']) || code || 'no response';
      if (code === 'batch_expired' || code === 'request_timeout')
        return { ...common, ...unexecuted('expired', message, code) };
      if (code === 'batch_cancelled') return { ...common, ...unexecuted('cancelled', message, code) };
      return { ...common, ...failedResult(null, error ?? {}) };
    }
    const status = asCount(response['status_code']);
    const body = asObject(response['body']);
    if (status !== 200 || body === null) return { ...common, ...failedResult(status, body ?? error ?? {}) };
    return { ...common, ...documentAt(body) };
  }

  /** Returns the name of a part's file at the endpoint, by which an interrupted upload is found. */
  #nameOf({ input }: BatchPart): string {
    return `goodput-${this.#runId}-${input}`;
  }
}

/** Returns the mistakes for which a batch was refused, in one line. */
function errorsOf({ errors }: JsonObject): string {
  const list = asArray(asObject(errors)?.['data']).map((each) => asObject(each) ?? {});
  const texts = list.slice(0, SHOWN_ERRORS).map(({ line, code, message }) => {
    const where = asCount(line) === null ? '' : `line ${asCount(line)}: `;
    return `${where}${asText(message) || asText(code)}`;
  });
  const more = list.length > SHOWN_ERRORS ? ` (and ${list.length - SHOWN_ERRORS} more)` : '';
  return texts.length === 0 ? 'no reason was given' : texts.join('; ') + more;
}

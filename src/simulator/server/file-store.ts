import { ApiError } from '../api/api-error.ts';
import { parseMultipart } from '../api/multipart.ts';
import { send } from '../api/replies.ts';
import {
  type BatchCall,
  type BatchHost,
  found,
  newestFirst,
  notAllowed,
  sendJson,
  withBody,
} from './batch-routes.ts';

/** A stored file of OpenAI's Files API. */
export interface StoredFile {
  id: string;
  filename: string;
  purpose: 'batch' | 'batch_output';
  created_at: number;
  content: string;
}

/** Largest input of a batch, and all files together. */
const FILE_BYTES = 200 * 1024 * 1024;
const STORE_BYTES = 1024 * 1024 * 1024;
/** Room for the form around the file. */
const FORM_BYTES = 64 * 1024;

/** OpenAI's Files API, for the files of batches only: `/v1/files`. */
export class FileStore {
  readonly #host: BatchHost;
  readonly #files = new Map<string, StoredFile>();
  #stored = 0;

  constructor(host: BatchHost) {
    this.#host = host;
  }

  /** @throws {ApiError} with status 404 */
  get(id: string): StoredFile {
    return found(this.#files, id, 'File');
  }

  /** Stores a file. @throws {ApiError} with status 400 if the store is full */
  add(filename: string, purpose: StoredFile['purpose'], content: string): StoredFile {
    if (this.#stored + content.length > STORE_BYTES)
      throw new ApiError(400, 'the storage is full: delete files (DELETE /v1/files/ID)', {
        code: 'storage_limit_reached',
      });
    this.#stored += content.length;
    const id = this.#host.newId('file');
    const file = { id, filename, purpose, created_at: Math.floor(Date.now() / 1000), content };
    this.#files.set(id, file);
    return file;
  }

  /** @throws {ApiError} */
  serve(call: BatchCall): void {
    const [id, action] = call.rest;
    const { method } = call;
    if (id === undefined) {
      if (method === 'POST')
        withBody(this.#host, call, FILE_BYTES + FORM_BYTES, (body) => this.#upload(call, body));
      else if (method === 'GET') this.#list(call);
      else throw notAllowed('GET, POST');
      return;
    }
    const file = this.get(id);
    if (action === 'content' && method === 'GET')
      send(call.response, 200, file.content, { 'content-type': 'application/octet-stream' });
    else if (action !== undefined) throw new ApiError(404, `no such path`, { code: 'not_found' });
    else if (method === 'GET') sendJson(call, describe(file));
    else if (method === 'DELETE') {
      this.#files.delete(id);
      this.#stored -= file.content.length;
      sendJson(call, { id, object: 'file', deleted: true });
    } else throw notAllowed('GET, DELETE');
  }

  #upload(call: BatchCall, body: string): void {
    const form = parseMultipart(call.request.headers['content-type'], body);
    const file = form.get('file');
    const purpose = form.get('purpose')?.value;
    if (file === undefined) throw new ApiError(400, "'file' is a required property", { param: 'file' });
    if (purpose !== 'batch')
      throw new ApiError(400, `'${purpose}' is not one of ['batch'] - 'purpose'`, { param: 'purpose' });
    if (file.filename?.endsWith('.jsonl') !== true)
      throw new ApiError(400, 'Invalid file format for Batch API. Must be .jsonl', { param: 'file' });
    if (Buffer.byteLength(file.value) > FILE_BYTES)
      throw new ApiError(413, `The file has more than ${FILE_BYTES} bytes`, { code: 'request_too_large' });
    sendJson(call, describe(this.add(file.filename, 'batch', file.value)));
  }

  #list(call: BatchCall): void {
    const { page, hasMore } = newestFirst(this.#files);
    sendJson(call, { object: 'list', data: page.map(describe), has_more: hasMore });
  }
}

const describe = ({ content, ...file }: StoredFile) => ({
  ...file,
  object: 'file',
  bytes: Buffer.byteLength(content),
  status: 'processed',
});

import { ApiError } from './api-error.ts';

/** A field of a form: a text, or a file with its name. */
export interface FormField {
  filename: string | null;
  value: string;
}

/**
 * Parses a `multipart/form-data` body (RFC 7578).
 * @throws {ApiError} with status 400 if the content type has no boundary, or the body does not end with it
 */
export function parseMultipart(contentType: string | undefined, body: string): Map<string, FormField> {
  const boundary = /^multipart\/form-data\b.*;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? '');
  if (boundary === null)
    throw new ApiError(400, 'the content type must be multipart/form-data with a boundary');
  const mark = `--${boundary[1] ?? boundary[2]}`;
  const fields = new Map<string, FormField>();
  let at = body.indexOf(mark);
  for (;;) {
    const start = at + mark.length;
    if (at === -1) throw new ApiError(400, 'the multipart body is incomplete');
    if (body.startsWith('--', start)) return fields;
    const end = body.indexOf(`\r\n${mark}`, start);
    const headersEnd = body.indexOf('\r\n\r\n', start);
    if (end === -1 || headersEnd === -1 || headersEnd > end)
      throw new ApiError(400, 'the multipart body is incomplete');
    const disposition = /^content-disposition:(.*)$/im.exec(body.slice(start, headersEnd))?.[1] ?? '';
    const name = /[;\s]name="([^"]*)"/i.exec(disposition)?.[1];
    if (name !== undefined)
      fields.set(name, {
        filename: /[;\s]filename="([^"]*)"/i.exec(disposition)?.[1] ?? null,
        value: body.slice(headersEnd + 4, end),
      });
    at = end + 2;
  }
}

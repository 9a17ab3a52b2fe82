import { describe, expect, test } from 'vitest';
import { bodyError, streamError } from '../../src/client/api/server-error.ts';

describe('errors in a stream', () => {
  const table: [payload: Record<string, unknown>, type: string, wanted: object | null][] = [
    [{ choices: [] }, 'message', null],
    [{ error: null }, 'message', null],
    [{ error: '' }, 'message', null],
    [{ error: false }, 'message', null],
    [{ error: 'overloaded' }, 'message', { message: 'overloaded' }],
    [{ error: { message: 'm', code: 429 } }, 'message', { message: 'm', code: '429' }],
    [{ error: { message: 'm', code: 'rate_limit' } }, 'message', { message: 'm', code: 'rate_limit' }],
    [{ error: { message: 'm', code: null } }, 'message', { message: 'm' }],
    [{ error: { type: 'x' } }, 'message', { message: '{"type":"x"}' }],
    [{ error: {} }, 'message', { message: '{}' }],
    [{ object: 'error', message: 'm', code: 400 }, 'message', { message: 'm', code: '400' }],
    [{ type: 'error', message: 'm' }, 'message', { message: 'm' }],
    [
      { type: 'error', error: { type: 'overloaded_error', message: 'm' } },
      'error',
      { message: 'm', code: 'overloaded_error' },
    ],
    [{ type: 'error', error: { type: 't', code: 'c', message: 'm' } }, 'error', { message: 'm', code: 'c' }],
    [{ error: { type: 'invalid_request_error', message: 'm' } }, 'message', { message: 'm' }],
    [{ message: 'm' }, 'error', { message: 'm' }],
    [{ message: 'm' }, 'message', null],
  ];
  test.each(table)('%j of type %s', (payload, type, wanted) => {
    expect(streamError(payload, type)).toEqual(wanted);
  });
});

describe('bodies of error responses', () => {
  const table: [body: string, wanted: object][] = [
    ['{"error":{"message":"m","code":"c"}}', { message: 'm', code: 'c' }],
    ['{"error":"e","message":"m"}', { message: 'e' }],
    ['{"message":"m"}', { message: 'm' }],
    ['{"detail":"Not Found"}', { message: 'Not Found' }],
    [
      '{"detail":[{"loc":["body","model"],"msg":"field required"},{"msg":"x"}]}',
      { message: 'body.model: field required; x' },
    ],
    ['{"detail":{"message":"m"}}', { message: 'm' }],
    ['{"reason":"r"}', { message: '{"reason":"r"}' }],
    ['  {"error":{"message":"m"}}\n', { message: 'm' }],
    ['data: {"error":{"message":"m"}}\n\ndata: [DONE]\n\n', { message: 'm' }],
    ['data: {"error":{"message":"m"}}', { message: 'm' }],
    ['upstream connect error', { message: 'upstream connect error' }],
    ['{"error":{"message":"cut of', { message: '{"error":{"message":"cut of' }],
    ['["a"]', { message: '["a"]' }],
    [
      '<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>p{}</style><script>if(1<2)x()</script></head>\n<body><h1>502</h1></body></html>',
      { message: '502 Bad Gateway 502' },
    ],
    ['', { message: '' }],
  ];
  test.each(table)('%s', (body, wanted) => {
    expect(bodyError(body)).toEqual(wanted);
  });

  test('messages are truncated to 2 kB, between characters', () => {
    expect(bodyError('x'.repeat(5000)).message).toBe('x'.repeat(2048));
    expect(bodyError(`${'x'.repeat(2047)}\u{1F30A}`).message).toBe('x'.repeat(2047));
  });
});

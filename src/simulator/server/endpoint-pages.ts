import type { IncomingMessage, ServerResponse } from 'node:http';
import { unknownPath } from '../api/api-paths.ts';
import { send } from '../api/replies.ts';
import type { KeyGuard } from './key-guard.ts';
import { CONTENT_TYPE } from '../../exposition.ts';

export interface EndpointPages {
  model: string;
  guard: KeyGuard;
  metrics(): string;
}

/** @throws {ApiError} with status 404 for an unknown path, 401 for a missing key */
export function sendPage(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { model, guard, metrics }: EndpointPages,
): void {
  const created = Math.floor(Date.now() / 1000);
  const models = { object: 'list', data: [{ id: model, object: 'model', created, owned_by: 'goodput' }] };
  switch (path) {
    case '/v1/models':
      guard.check(request);
      send(response, 200, JSON.stringify(models));
      break;
    case '/health':
      response.writeHead(200).end();
      break;
    case '/metrics':
      send(response, 200, metrics(), { 'content-type': CONTENT_TYPE });
      break;
    default:
      throw unknownPath(path);
  }
}

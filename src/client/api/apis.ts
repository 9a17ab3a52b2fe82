import type { Api, ApiName } from './api.ts';
import { chat } from './chat-api.ts';
import { completions } from './completions-api.ts';
import { messages } from './messages-api.ts';
import { responses } from './responses-api.ts';

const APIS: Record<ApiName, Api> = { chat, completions, responses, messages };

export function apiNamed(name: ApiName): Api {
  return APIS[name];
}

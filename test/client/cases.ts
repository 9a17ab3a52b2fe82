import { readdirSync, readFileSync } from 'node:fs';
import type { ApiName } from '../../src/client/api/api.ts';
import type { Outcome } from '../../src/sample.ts';

export interface Write {
  after_ms: number;
  utf8?: string;
  base64?: string;
}

/** Bytes that a server sends, and the expected result. */
export interface StreamCase {
  name: string;
  api: string;
  kind: string;
  optional?: boolean;
  status: number;
  headers: Record<string, string>;
  writes: Write[];
  end: 'close' | 'reset' | 'hang';
  client?: { first_token_timeout_ms: number; idle_timeout_ms: number; total_timeout_ms: number };
  expect: {
    outcome: Outcome;
    outcome_alt?: Outcome[];
    content_events: number;
    text: string;
    reasoning_text?: string;
    tool_calls?: { index: number; name: string; arguments: string }[];
    finish_reason: string | null;
    usage: Record<string, number> | null;
    /** Present only in streams with several choices. */
    choices?: object[];
    usage_raw?: object;
    usage_increments?: number[];
    token_ids_count?: number;
    first_token_write: number | null;
    first_answer_write?: number | null;
    timeout_kind?: string | null;
    error_match: string | null;
    error_code?: string | number | null;
    retry_after_ms?: number | null;
  };
}

/** API names of the cases, and goodput's. */
const API_OF: Record<string, ApiName> = {
  chat: 'chat',
  completions: 'completions',
  responses: 'responses',
  anthropic: 'messages',
};

export type SpokenCase = StreamCase & { api: ApiName };

/** The cases of the APIs that the client supports. Native APIs of servers (Ollama, TGI) are not supported. */
export function loadCases(): SpokenCase[] {
  const folder = new URL('cases/', import.meta.url);
  const cases: SpokenCase[] = [];
  for (const file of readdirSync(folder)) {
    const streamCase = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as StreamCase;
    const api = API_OF[streamCase.api];
    if (api === undefined || (streamCase.optional === true && api !== 'messages')) continue;
    cases.push({ ...streamCase, api });
  }
  return cases;
}

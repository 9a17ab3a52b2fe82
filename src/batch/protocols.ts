import type { BatchRecord } from '../record/batch-json.ts';
import type { Api } from '../scenario/keys/scenario.ts';
import { AnthropicProtocol } from './anthropic-protocol.ts';
import { OpenaiProtocol } from './openai-protocol.ts';
import type { BatchLimits, BatchProtocol } from './protocol.ts';

/**
 * Returns the protocol for an API.
 * @param runId identifies the uploads of this run
 */
export const protocolFor = (api: Api, runId: string, limits: Partial<BatchLimits> = {}): BatchProtocol =>
  api === 'messages' ? new AnthropicProtocol(limits) : new OpenaiProtocol(api, runId, limits);

export const protocolNameOf = (api: Api): BatchRecord['protocol'] =>
  api === 'messages' ? 'anthropic' : 'openai';

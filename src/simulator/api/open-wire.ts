import { ChatWire } from './chat-wire.ts';
import { CompletionsWire } from './completions-wire.ts';
import { MessagesWire } from './messages-wire.ts';
import type { Reply } from './reply.ts';
import { ResponsesWire } from './responses-wire.ts';
import type { Wire } from './wire.ts';

const WIRES = {
  chat: ChatWire,
  completions: CompletionsWire,
  responses: ResponsesWire,
  messages: MessagesWire,
} as const;

export const openWire = (reply: Reply): Wire => new WIRES[reply.request.api](reply);

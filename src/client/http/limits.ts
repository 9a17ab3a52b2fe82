import { ServerFault } from './server-fault.ts';

/**
 * Limits that no regular response reaches and that bound the memory and time of a hostile one. Exceeding one is a `protocol_error`. The
 * event stream reader has its own limits for lines and events.
 */
export const LIMITS = {
  /** Bytes of one response, as sent or decoded: 128k tokens with 20 logprobs each are 400 MB. */
  bodyBytes: 512 * 1024 * 1024,
  events: 4 * 1024 * 1024,
  /** Choices of one response, and tool calls of one choice. */
  choices: 1024,
  calls: 1024,
} as const;

/** With this many bytes waiting to be decoded, reading stops until some are decoded. */
export const MAX_BACKLOG_BYTES = 1024 * 1024;

const MAX_LABEL_LENGTH = 256;

export const truncateLabel = (text: string): string => text.slice(0, MAX_LABEL_LENGTH);

/** @throws {ServerFault} if `count` exceeds the limit */
export function checkLimit(name: keyof typeof LIMITS, count: number): void {
  if (count > LIMITS[name])
    throw new ServerFault(`the response has more than ${LIMITS[name]} ${NAMES[name]}`);
}

const NAMES: Record<keyof typeof LIMITS, string> = {
  bodyBytes: 'bytes',
  events: 'output events',
  choices: 'choices',
  calls: 'tool calls',
};

import { ServerFault } from './server-fault.ts';

/**
 * What no honest answer comes near, and what bounds the memory and the time of a hostile one. All fail loudly, as `protocol_error`.
 * The reader of event streams has a limit of its own for one line and one event.
 */
export const LIMITS = {
  /** Bytes of one answer, on the wire or decoded: 128k tokens with 20 logprobs each are 400 MB. */
  bodyBytes: 512 * 1024 * 1024,
  /** Output events of one answer. */
  events: 4 * 1024 * 1024,
  /** Choices of one answer, and tool calls of one choice. */
  choices: 1024,
  calls: 1024,
} as const;

/** Read, and not decoded: from here on nothing more is read until some of it is. */
export const MAX_BACKLOG_BYTES = 1024 * 1024;

/** Finish reasons and error codes are words; longer ones are cut. */
const LONGEST_WORD = 256;

export const word = (text: string): string => text.slice(0, LONGEST_WORD);

/** @throws {ServerFault} where `count` is over the limit */
export function checkLimit(name: keyof typeof LIMITS, count: number): void {
  if (count > LIMITS[name]) throw new ServerFault(`the answer has more than ${LIMITS[name]} ${NAMES[name]}`);
}

const NAMES: Record<keyof typeof LIMITS, string> = {
  bodyBytes: 'bytes',
  events: 'output events',
  choices: 'choices',
  calls: 'tool calls',
};

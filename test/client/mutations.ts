import { randomStream } from '../../src/random.ts';

export type Random = ReturnType<typeof randomStream>;

/** Bytes that servers should not send and that may confuse decoders, line readers, JSON and goodput's code. */
const HOSTILE: readonly (string | Buffer)[] = [
  '\n',
  '\n\n',
  '\r',
  '\r\n\r\n',
  ':',
  'data:',
  'data: ',
  'event: error\n',
  'event: message\n',
  'error: {"message":"m"}\n',
  'data: [DONE]\n\n',
  'data: {}\n\n',
  'data: null\n\n',
  'data: []\n\n',
  'data: {"error":{"message":"m","code":429}}\n\n',
  'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n',
  'data: {"choices":[{"index":1e308,"delta":{},"finish_reason":null}]}\n\n',
  'data: {"type":"response.completed","response":{}}\n\n',
  'data: {"type":"message_stop"}\n\n',
  'id: \0\n',
  'retry: -1\n',
  '\0',
  '\uFEFF',
  '\u2028',
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0xe2, 0x82]),
  Buffer.from([0x1f, 0x8b]),
  '"',
  '\\',
  '\\ud800',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  ',',
  'null',
  'true',
  '-0',
  '1e999',
  '-1',
  '9007199254740993',
  '0.1',
  '{"__proto__":{"choices":1}}',
  '"constructor"',
  '"finish_reason":"stop"',
  '"finish_reason":""',
  '"finish_reason":null',
  '"finish_reason":["stop"]',
  '"finish_reason":"error"',
  '"index":-1',
  '"index":"0"',
  '"usage":{"completion_tokens":-5,"prompt_tokens":1e300}',
  '"usage":[]',
  '"content":{"a":1}',
  '"content":[[[[]]]]',
  '"token_ids":"abc"',
  '"tool_calls":[{"index":99999999,"function":{"name":"f"}}]',
  '"choices":null',
  '"choices":{"0":{}}',
  '"choices":[null,1,"a",[]]',
  '[['.repeat(2000),
  '{"a":'.repeat(3000),
];

/**
 * Returns a body with one to four changes: bytes flipped, removed, repeated, moved or inserted; or the end replaced
 * by another body's.
 */
export function mutated(bytes: Buffer, other: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) result = changed(result, other, random);
  return result;
}

function changed(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(1 + Math.min(bytes.length - at, random.below(2) === 0 ? 8 : 400));
  const before = bytes.subarray(0, at);
  const cut = bytes.subarray(at, at + length);
  const after = bytes.subarray(at + length);
  switch (random.below(8)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped[at % flipped.length]! ^= 1 << random.below(8);
      return flipped;
    }
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, cut, cut, cut, after]);
    case 3:
      return Buffer.concat([cut, before, after]);
    case 4:
      return before;
    case 5:
      return Buffer.concat([before, other.subarray(random.below(other.length + 1))]);
    case 6: {
      const noise = Buffer.from(Array.from({ length: random.below(16) }, () => random.below(256)));
      return Buffer.concat([before, noise, after]);
    }
    default:
      return Buffer.concat([before, Buffer.from(HOSTILE[random.below(HOSTILE.length)]!), after]);
  }
}

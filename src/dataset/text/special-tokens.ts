/** Control tokens of chat templates and tokenizers, which are not meant to be in a text. */
const SPECIAL =
  /<\|[A-Za-z0-9_▁-]{1,40}\|>|<｜[^｜<>]{1,40}｜>|\[\/?INST\]|<<\/?SYS>>|<\/?s>|<(?:bos|eos|pad|unk|mask|sep|cls)>|<(?:start|end)_of_turn>|\[(?:PAD|UNK|CLS|SEP|MASK|BOS|EOS)\]|<\/?think>/gu;

/** Returns the different special tokens in a text. */
export function specialTokens(text: string): Set<string> {
  const found = new Set<string>();
  if (!/[<[]/.test(text)) return found;
  for (const [token] of text.matchAll(SPECIAL)) found.add(token);
  return found;
}

/** Returns true for white space (Unicode `White_Space`). */
function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13);
  if (code < 0x85) return false;
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Calls `visit` with the position and end of each word: text between white space. */
export function eachWord(text: string, visit: (from: number, end: number) => void): void {
  let from = -1;
  for (let at = 0; at < text.length; at++) {
    if (isSpace(text.charCodeAt(at))) {
      if (from !== -1) visit(from, at);
      from = -1;
    } else if (from === -1) from = at;
  }
  if (from !== -1) visit(from, text.length);
}

/** Returns the number of words. */
export function countWords(text: string): number {
  let count = 0;
  let isInside = false;
  for (let at = 0; at < text.length; at++) {
    const space = isSpace(text.charCodeAt(at));
    if (!space && !isInside) count++;
    isInside = !space;
  }
  return count;
}

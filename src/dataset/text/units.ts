/** The level at which units of a text are compared. */
export type UnitLevel = 'paragraph' | 'sentence';

const BLANK_LINE = /(\n\p{White_Space}*\n)/u;
/** The end of a sentence: a full stop, or a mark of Chinese and Japanese, which no space follows. */
const SENTENCE_END = /(?<=[.!?])(\p{White_Space}+)|(?<=[。！？])(\p{White_Space}*)/u;

/** A unit of a text with what separates it from the next. */
export interface Unit {
  text: string;
  separator: string;
}

/** Returns the units of a text in order; joined with their separators they are the text. */
export function unitsOf(text: string, level: UnitLevel): Unit[] {
  const paragraphs = pairs(text.split(BLANK_LINE));
  if (level === 'paragraph') return paragraphs;
  return paragraphs.flatMap((paragraph) => {
    const sentences = sentencesOf(paragraph.text);
    sentences.at(-1)!.separator += paragraph.separator;
    return sentences;
  });
}

function sentencesOf(text: string): Unit[] {
  const units: Unit[] = [];
  let from = 0;
  for (const match of text.matchAll(new RegExp(SENTENCE_END, 'gu'))) {
    units.push({ text: text.slice(from, match.index), separator: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length || units.length === 0) units.push({ text: text.slice(from), separator: '' });
  return units;
}

/** Groups what `split` returns with a capturing separator. */
function pairs(parts: readonly string[]): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < parts.length; at += 2)
    units.push({ text: parts[at]!, separator: parts[at + 1] ?? '' });
  return units;
}

/** Verbs with which English instructions begin, in the form of a request. */
const VERBS = new Set(
  `act add adapt analyse analyze answer arrange assess brainstorm build calculate change check choose classify combine compare complete
  compose compute condense construct convert correct create debug decide define delete derive describe design detect determine develop
  devise discuss draft draw edit elaborate enumerate estimate evaluate examine expand explain explore extract fill find fix format
  formulate generate get give guess help identify illustrate implement improve infer insert interpret invent justify label list make
  match mention modify name offer optimise optimize order organise organize outline paraphrase parse perform plan point predict
  prepare present produce proofread propose prove provide rank rate read recommend refactor remove rename reorder rephrase replace
  report research respond restate reverse review rewrite select separate share show simplify simulate solve sort specify split state
  suggest sum summarise summarize teach tell transform translate turn update use verify visualise visualize write`.split(
    /\s+/,
  ),
);

/** Words between a verb and its object. */
const SKIPPED = new Set(
  'a an the this that these those my your our his her their its me us him them some any all each every both another one two three four five six seven eight nine ten few several many more most following given below above up out down'.split(
    ' ',
  ),
);

/** Words that an object does not have: it ends before them. */
const ENDS = new Set(
  `about above after against among and are around as at be because been before below between but by can could do does for from had has
  have how i if in inside into is it like may might must of off on onto or over per should since so such than that then there through to
  toward towards under until upon using versus via was we were what when where whether which while who whom whose why will with within
  without would you he she they`.split(/\s+/),
);

/** The words of a text in which its first verb is searched, and the most that an object has. */
const SEARCHED = 15;
const LONGEST_OBJECT = 5;

/**
 * Returns the first verb of an English instruction and the head of its object, such as `write story`: the last word of the first group of
 * words after the verb that has no preposition, pronoun or mark. It is found by lists of words, without grammar; `null`: there is none.
 */
export function verbNounOf(text: string): string | null {
  const words =
    text
      .slice(0, 400)
      .toLowerCase()
      .match(/[a-z][a-z'-]*|\d+|[.,;:!?()\n"“”]/g) ?? [];
  const at = words.findIndex(
    (word, k) => k < SEARCHED && VERBS.has(word) && !SKIPPED.has(words[k - 1] ?? '') && words[k - 1] !== 'to',
  );
  if (at === -1) return null;
  let from = at + 1;
  while (from < words.length && (SKIPPED.has(words[from]!) || /^\d/.test(words[from]!))) from++;
  let end = from;
  while (end < words.length && /^[a-z]/.test(words[end]!) && !ENDS.has(words[end]!)) end++;
  if (end === from || end - from > LONGEST_OBJECT) return null;
  return `${words[at]!} ${singular(words[end - 1]!)}`;
}

function singular(noun: string): string {
  if (/[^aeiou]ies$/.test(noun) && noun.length > 4) return `${noun.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(noun)) return noun.slice(0, -2);
  return /[^siu]s$/.test(noun) && noun.length > 3 ? noun.slice(0, -1) : noun;
}

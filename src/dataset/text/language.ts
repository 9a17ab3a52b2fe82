/** The characters of the beginning of a text that decide its language. */
const LOOKED_AT = 2000;

/** Scripts that only one language of the table uses, by code. */
const SCRIPTS: readonly (readonly [code: string, script: RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['uk', /[іїєґІЇЄҐ]/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['fa', /[پچژگ]/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['bn', /\p{Script=Bengali}/gu],
  ['ta', /\p{Script=Tamil}/gu],
];

/** Frequent words of languages in Latin script that are rare in the others. */
const WORDS: readonly (readonly [code: string, words: string])[] = [
  [
    'en',
    'the of and to in is that it for was on with as you are be this have what how from or by your can not write an my do give me explain',
  ],
  [
    'de',
    'der die das und ist nicht ein eine zu den mit von auf für sich dem wie ich sie es auch wird im was werden bei wo und bitte',
  ],
  [
    'fr',
    'le la les et est une des dans pour que qui pas sur au du avec ce il je vous nous sont comment quel quelle ou',
  ],
  [
    'es',
    'el los las es una del por con para que como más pero su al lo este esta qué cómo y son hay escribe',
  ],
  [
    'pt',
    'o os as um uma do da dos em não com para por mais como ao na no você são que qual isso está escreva',
  ],
  ['it', 'il gli è una di del della che per non con sono come più nel anche questo cosa le scrivi dei'],
  ['nl', 'de het een en van dat niet is op te zijn voor met hoe wat ik je aan ook als naar er wordt'],
  ['pl', 'i w nie na się z do jest to że jak co o dla przez czy od po są jako'],
  ['sv', 'och att det som en på är av för med den till inte om ett har jag hur vad kan'],
  ['tr', 've bir bu için ile ne nasıl olarak da de olan çok mi daha gibi var en'],
  ['vi', 'và của là có không trong được cho một các với này như thế nào những người'],
  ['id', 'yang dan di untuk dengan dari ini itu pada adalah dalam tidak apa bagaimana atau akan saya'],
];

const BY_WORD = new Map<string, string[]>();
for (const [code, words] of WORDS)
  for (const word of words.split(' ')) BY_WORD.set(word, [...(BY_WORD.get(word) ?? []), code]);

/** A script that has at least this share of the letters decides. */
const SCRIPT_SHARE = 0.3;

/**
 * Returns the language of a text as an ISO 639-1 code: by its script, or in Latin script by its frequent words; `und` if neither decides. It
 * describes a data set, and may be wrong about a short text.
 */
export function languageOf(text: string): string {
  const beginning = text.slice(0, LOOKED_AT);
  if (/[\u02b0-\uffff]/.test(beginning)) {
    const letters = beginning.match(/\p{L}/gu)?.length ?? 0;
    for (const [code, script] of SCRIPTS) {
      const found = beginning.match(script)?.length ?? 0;
      // Kana and the letters of Ukrainian and Persian are a small part of their texts.
      const needed = code === 'ja' || code === 'uk' || code === 'fa' ? 0.03 : SCRIPT_SHARE;
      if (found > 0 && found >= needed * letters) return code;
    }
  }
  const scores = new Map<string, number>();
  for (const word of beginning.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [])
    for (const code of BY_WORD.get(word) ?? []) scores.set(code, (scores.get(code) ?? 0) + 1);
  let best = 'und';
  let bestScore = 0;
  for (const [code, score] of scores)
    if (score > bestScore) {
      best = code;
      bestScore = score;
    }
  return best;
}

/**
 * The words of synthetic prompts: 256 short, common English words, so that each is a base-256 digit. With its leading space each word
 * is one token in the vocabularies of GPT-2, GPT-4 and GPT-4o, and probably in most others, so words and tokens differ little even
 * without a calibration. The prompts of a seed depend on this list and its order: do not change either.
 */
export const WORDS: readonly string[] = `
able about above act add after again air all also and animal answer any apple area arm army art ask
away baby back bad ball bank base bear beat bed began being bell best big bird black blood blue board
boat body bone book both box boy bread break bring brown build burn busy buy call came camp can
car card care carry case catch cause cell center chair chance change check chief child choose church circle city claim class
clean clear climb clock close cloth cloud coat cold color come common cook cool copy corn corner cost cotton could count
country course cover cow cross crowd cry current cut dance danger dark day dead deal dear deep desert did die differ
dinner direct do doctor dog dollar door down draw dream dress drink drive drop dry duck during dust each ear early
earth ease east eat edge effect egg eight either else end enemy energy engine enough enter equal even ever every exact
eye face fact fair fall family famous far farm fast fat father fear feed feel feet fell few field fight figure
fill final find fine finger finish fire first fish fit five flat floor flow flower fly follow food foot for force
forest form forward four free fresh friend from front fruit full game garden gas gave get girl give glad glass go
gold good got grand grass gray great green ground group grow guess hair
half hall hand happy hard hat have head hear heart heat heavy held help here high
`
  .trim()
  .split(/\s+/);

import { stemmer } from 'stemmer';
import { synonyms } from './synonyms.ts';

const MAX_REMEMBERED_TERMS = 50_000;
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\p{N}+(?:[.:/]\p{N}+)+|[\p{L}\p{N}]+(?:[’'](?!s\b)\p{L}+)*/gu;
const THOUSANDS_SEPARATOR = /(?<=\p{N})[,'’](?=\p{N}{3}(?!\p{N}))/gu;

const remembered = new Map<string, string>();

/** The words of a text as they are written; numbers lose their thousands separators, owners their `'s`. */
export function wordsOf(text: string): string[] {
  return text.replace(THOUSANDS_SEPARATOR, '').match(WORD) ?? [];
}

/** What makes two words the same: case, accents, endings and common synonyms do not count. */
export function termOf(word: string): string {
  const known = remembered.get(word);
  if (known !== undefined) return known;
  const plain = word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}|['’]/gu, '');
  const stem = stemmer(plain);
  const term = synonyms.get(plain) ?? synonyms.get(stem) ?? stem;
  if (remembered.size >= MAX_REMEMBERED_TERMS) remembered.clear();
  remembered.set(word, term);
  return term;
}

export function termsOf(text: string): string[] {
  return wordsOf(text).map(termOf);
}

const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean).map(termOf));

const stopTerms = list(`
  a an the this that these those there here it its they them their theirs he him his she her hers we us our ours you your
  yours i me my mine myself yourself itself one ones who whom whose which what when where why how whether if then than as at
  by for from in into of on onto off over under out up down to toward with within without about against between through during
  before after above below and or but nor so not no yes do does did doing done is are was were be been being am have has had
  having can could may might must shall should will would ought dont doesnt didnt isnt arent wasnt cant couldnt wont im ive
  ill youre whats wheres whos thats theres please tell me also too very just only really still again any some all each every
  either neither both such same other another else much many more most less least few little lot several per via etc eg ie
  ok okay hi hello thanks thank let lets like than ever often long soon far
`);

const weakTerms = list(`
  get gets got give gives given take takes taken make makes made need needs use used using go goes want know find show say says
  said said tell work works happen happens apply applies applied allow allowed permit permitted possible able entitle entitled
  eligible require required requirement necessary mean means meaning describe explain define definition list name named call
  called receive receives provide provided offer include includes including contain contains consist concern regard relate
  related follow following see look come keep put set try ask answer question detail details information info thing things
  way ways kind type sort case example reason part number amount maximum minimum max min total limit rule rules guideline
  company companies organisation organization business policy policies document documents doc docs handbook guide manual text
  file section chapter page people person someone somebody anybody anyone employee employees staff worker colleague member
  day days week weeks month months year years hour hours minute minutes second seconds time times date period euro euros eur
  usd dollar dollars cent cents percent percentage currently exactly usually generally normally according please first next
  last new good best important main different certain specific full whole available claim bring brings cost costs price pay paid pays
  spend spent money early earlier late later fast quick quickly end begin start high higher highest low lower lowest big large small old age long short
`);

/** A word that says nothing about what a question is about. */
export const isStopTerm = (term: string): boolean => stopTerms.has(term);

/** A word that is in so many questions and answers that it proves little. */
export const isWeakTerm = (term: string): boolean => weakTerms.has(term);

import type { Principal } from '../identity/principal.ts';

const WORD = /[\p{L}\p{M}]+/gu;
/** First person in the languages that are asked most; `we` and `our` mean the company. A wrong guess costs a model call. */
const FIRST_PERSON = new Set(
  (
    'i me my mine myself ' +
    'ich mir mich mein meine meiner meinem meinen meines ' +
    'je j moi mon ma mes me mien mienne ' +
    'yo mi mis mí conmigo mío mía ' +
    'io mio mia miei mie eu meu minha meus minhas mim ' +
    'ik mij mijn jag mig mitt mina jeg meg'
  ).split(' '),
);
const FIRST_PERSON_UNSPACED = /[我私僕俺]|わたし|제가|저는|나는|내가|나의/u;
/** What was true then may not be true now. */
const MOMENTARY = new Set(
  (
    'today tonight tomorrow yesterday now currently ' +
    'heute morgen gestern jetzt aktuell derzeit ' +
    'aujourd demain hier maintenant hoy mañana ayer ahora oggi domani ieri adesso vandaag nu'
  ).split(' '),
);
const MOMENTARY_PHRASE =
  /\b(?:this|next|last)\s+(?:week|month|quarter|year|monday|tuesday|wednesday|thursday|friday)\b/i;
const MAIL_ADDRESS = /\S@\S/u;
/** A phone, account or personnel number. */
const LONG_NUMBER = /(?:\d[ ./-]?){7,}/u;
const SHORTEST_NAME = 3;

/** Whether a question is about who asks it or about this moment, or holds personal data. Says so rather too often. */
export function isPersonal(question: string, { displayName }: Pick<Principal, 'displayName'>): boolean {
  const words = wordsOf(question);
  const names = wordsOf(displayName).filter((name) => name.length >= SHORTEST_NAME);
  return (
    words.some((word) => FIRST_PERSON.has(word) || MOMENTARY.has(word) || names.includes(word)) ||
    [FIRST_PERSON_UNSPACED, MOMENTARY_PHRASE, MAIL_ADDRESS, LONG_NUMBER].some((pattern) => pattern.test(question))
  );
}

const wordsOf = (text: string) => text.normalize('NFKC').toLowerCase().match(WORD) ?? [];

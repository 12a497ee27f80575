import { shannonEntropy } from './shannon-entropy.ts';

const LEAST_ENTROPY = 3.2;
const LABEL_REACH = 40;
/** What joins a label to its value. */
const JOINT = /(?<=[\w"'\])][ \t]{0,3})(?::=|=>|[:=])[ \t]{0,3}["'`]?|(?<=\w) (?:is|ist|lautet|est|es|e) ["'`]?/g;
const VALUE = /[^\s"'`<>,;]{8,200}/y;
const KEY_LABEL =
  /(?:api|access|account|client|secret|subscription|encryption|signing|shared)[_ -]?(?:key|secret|token)["'\]]{0,2}[ \t]{0,3}$/i;
const PASSWORD_LABEL =
  /(?:password|passwd|passwort|kennwort|passphrase|mot de passe|contrase[ñn]a|senha|wachtwoord|\bpwd)["'\]]{0,2}[ \t]{0,3}$/i;
const KEY = /^[\w+/=.~-]{16,}$/;
/** What stands in manuals where a secret would be, and code that reads one. */
const PLACEHOLDER =
  /^[<${[%(]|\.\.\.|\*{3}|x{4}|example|change-?me|placeholder|your|dummy|sample|redacted|process\.env|os\.environ|getenv|config\.|\(|^https?:\/\/|^[a-z]+(?:[-_.][a-z]+)*$|^[A-Z_]+$/i;
const KINDS_OF_CHARACTER = [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s]/];

/** The well-known key of every storage emulator. */
export const EMULATOR_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface LabelledSecret {
  readonly rule: 'key-in-text' | 'password-in-text';
  readonly start: number;
  readonly end: number;
}

/** What is written after a label like `password:` or `api_key =` and looks like more than a word or a placeholder. */
export function* labelledSecrets(text: string): Generator<LabelledSecret> {
  for (const { 0: joint, index } of text.matchAll(JOINT)) {
    const label = text.slice(Math.max(0, index - LABEL_REACH), index);
    const rule = KEY_LABEL.test(label) ? 'key-in-text' : PASSWORD_LABEL.test(label) ? 'password-in-text' : null;
    if (!rule) continue;
    const start = index + joint.length;
    VALUE.lastIndex = start;
    const value = VALUE.exec(text)?.[0].replace(/[.)\]}]+$/, '') ?? '';
    const isSecret = rule === 'key-in-text' ? looksDrawn(value) : looksChosen(value);
    if (isSecret) yield { rule, start, end: start + value.length };
  }
}

const kindsOf = (text: string) => KINDS_OF_CHARACTER.filter((kind) => kind.test(text)).length;

function looksDrawn(key: string): boolean {
  return (
    key !== EMULATOR_KEY &&
    KEY.test(key) &&
    !PLACEHOLDER.test(key) &&
    kindsOf(key) >= 2 &&
    shannonEntropy(key) >= LEAST_ENTROPY
  );
}

/** A word that somebody chose is not random, yet it is a password when it mixes kinds of characters. */
function looksChosen(password: string): boolean {
  return password.length >= 8 && !PLACEHOLDER.test(password) && kindsOf(password) >= 3;
}

/** Whether what stands where a password belongs is more than an example of one. */
export function looksReal(password: string): boolean {
  return !PLACEHOLDER.test(password) && kindsOf(password) >= 2;
}

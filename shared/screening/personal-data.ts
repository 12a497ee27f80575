import type { FindingSeverity } from '../contracts/screening.ts';
import { digitRuns, partsOf } from './digit-runs.ts';
import { type Finding, maskedExcerpt } from './finding.ts';
import { findIbans } from './iban.ts';
import {
  BIRTH_LABEL,
  DATE,
  EMAIL_DOMAIN,
  EMAIL_LOCAL,
  isPhoneNumber,
  NINO,
  ruleOfDigits,
} from './personal-data-formats.ts';

/** From how many different ones on it is more than a contact address or two, and from how many it is a list of people. */
const THRESHOLDS: Readonly<Record<string, readonly [low: number, high: number]>> = {
  email: [10, 100],
  phone: [10, 100],
  iban: [3, 20],
  'date-of-birth': [1, 10],
};
/** Cards and numbers of the state have no place in an ordinary document. */
const SENSITIVE = [1, 5] as const;
const LABEL_REACH = 60;
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 255;
const MAX_OF_A_RULE = 5_000;

interface Place {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  /** The same one written twice counts once. */
  readonly value: string;
}

/** Data of people, by what has a shape or a check digit. Names and addresses are not looked for. */
export function findPersonalData(text: string): Finding[] {
  const byRule = new Map<string, Place[]>();
  for (const found of [
    ...emails(text),
    ...numbers(text),
    ...ibans(text),
    ...identityNumbers(text),
    ...datesOfBirth(text),
  ]) {
    const places = byRule.get(found.rule) ?? [];
    if (places.length === 0) byRule.set(found.rule, places);
    if (places.length < MAX_OF_A_RULE) places.push(found);
  }
  return [...byRule].flatMap(([rule, places]) => {
    const severity = severityOf(rule, places);
    return severity === null ? [] : places.map(({ start, end }) => toFinding(text, rule, severity, start, end));
  });
}

function severityOf(rule: string, places: readonly Place[]): FindingSeverity | null {
  const [low, high] = THRESHOLDS[rule] ?? SENSITIVE;
  const different = new Set(places.map(({ value }) => value)).size;
  if (different >= high) return 'high';
  return different >= low ? 'low' : null;
}

function* emails(text: string): Generator<Place> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const [local] = EMAIL_LOCAL.exec(text.slice(Math.max(0, at - LONGEST_LOCAL_PART), at)) ?? [];
    const [domain] = (local && EMAIL_DOMAIN.exec(text.slice(at + 1, at + 1 + LONGEST_DOMAIN))) || [];
    if (!local || !domain) continue;
    const value = `${local}@${domain}`.toLowerCase();
    yield { rule: 'email', start: at - local.length, end: at + 1 + domain.length, value };
  }
}

function* numbers(text: string): Generator<Place> {
  for (const run of digitRuns(text)) {
    const before = text.slice(Math.max(0, run.start - LABEL_REACH), run.start);
    let end = 0;
    for (const part of partsOf(run)) {
      const rule = part.start >= end && ruleOfDigits(part, before);
      if (!rule) continue;
      end = part.end;
      yield { rule, start: part.start, end, value: part.digits };
    }
    if (end === 0 && isPhoneNumber(run, before)) {
      yield { rule: 'phone', start: run.start, end: run.end, value: run.digits };
    }
  }
}

function* ibans(text: string): Generator<Place> {
  for (const found of findIbans(text)) yield { rule: 'iban', ...found };
}

function* identityNumbers(text: string): Generator<Place> {
  for (const { 0: match, index } of text.matchAll(NINO)) {
    yield { rule: 'uk-nino', start: index, end: index + match.length, value: match.replace(/\s/g, '') };
  }
}

function* datesOfBirth(text: string): Generator<Place> {
  for (const { 0: date, index } of text.matchAll(DATE)) {
    if (!BIRTH_LABEL.test(text.slice(Math.max(0, index - LABEL_REACH), index))) continue;
    yield { rule: 'date-of-birth', start: index, end: index + date.length, value: date };
  }
}

function toFinding(text: string, rule: string, severity: FindingSeverity, start: number, end: number): Finding {
  const kind = 'personal-data';
  return { kind, rule, severity, start, end, excerpt: maskedExcerpt(kind, text.slice(start, end)) };
}

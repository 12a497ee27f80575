import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { FindingSeverity } from '../contracts/screening.ts';
import { type Finding, maskedExcerpt } from './finding.ts';
import { hasGitHubChecksum } from './github-checksum.ts';
import { labelledSecrets, looksReal } from './labelled-secrets.ts';
import { SECRET_FORMATS } from './secret-formats.ts';

const MAX_OF_A_FORMAT = 1_000;
const RULE_PREFIX = '@secretlint/secretlint-rule-';
/** A comment in a document must not turn the scan off. */
const COMMENTS_RULE = `${RULE_PREFIX}filter-comments`;

const CREDENTIALS = /:\/\/[^\s:@/]{0,100}:([^\s@/]{1,200})@/;

const presetOptions = { config: { rules: [preset()] }, noPhysicFilePath: true };

/** Secrets of published formats, and what is written like a password. The longer of two at one place counts. */
export async function findSecrets(text: string): Promise<Finding[]> {
  const found = [...(await findByLibrary(text)), ...findByFormat(text), ...findByLabel(text)];
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: Finding[] = [];
  for (const finding of found) {
    const last = apart.at(-1);
    if (!last || finding.start >= last.end) apart.push(finding);
    else if (last.severity === 'low' && finding.severity === 'high') apart[apart.length - 1] = finding;
  }
  return apart;
}

function preset() {
  const disabled = [{ id: COMMENTS_RULE, disabled: true }];
  return { id: `${RULE_PREFIX}preset-recommend`, rule: creator, rules: disabled };
}

async function findByLibrary(content: string): Promise<Finding[]> {
  // It would keep a mark of every rule and document in memory.
  secretLintProfiler.setEnabled(false);
  const source = { content, filePath: 'document.txt', ext: '.txt', contentType: 'text' as const };
  const { messages } = await lintSource({ source, options: presetOptions });
  return messages.map(({ ruleId, range: [start, end] }) => {
    const rule = (ruleId ?? 'unknown').replace(RULE_PREFIX, '');
    return toFinding(content, rule, isReal(rule, content.slice(start, end)) ? 'high' : 'low', start, end);
  });
}

/** A token without its check digits, or an address with a password like `password`, is an example more often than not. */
function isReal(rule: string, secret: string): boolean {
  if (rule === 'github') return hasGitHubChecksum(secret);
  const [, password] = CREDENTIALS.exec(secret) ?? [];
  return password === undefined || looksReal(password);
}

function findByFormat(text: string): Finding[] {
  return SECRET_FORMATS.flatMap(({ rule, severity, pattern, isReal }) => {
    const found: Finding[] = [];
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.secret ?? match[0];
      if (isReal && !isReal(secret)) continue;
      const end = match.index + match[0].length;
      found.push(toFinding(text, rule, severity, end - secret.length, end));
      if (found.length >= MAX_OF_A_FORMAT) break;
    }
    return found;
  });
}

function findByLabel(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { rule, start, end } of labelledSecrets(text)) {
    found.push(toFinding(text, rule, 'low', start, end));
    if (found.length >= MAX_OF_A_FORMAT) break;
  }
  return found;
}

function toFinding(text: string, rule: string, severity: FindingSeverity, start: number, end: number): Finding {
  const kind = 'secret';
  return { kind, rule, severity, start, end, excerpt: maskedExcerpt(kind, text.slice(start, end)) };
}

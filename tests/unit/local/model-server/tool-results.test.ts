import { describe, expect, it } from 'vitest';
import { toolAnswer } from '../../../../local/emulators/model-server/tool-results.ts';
import { toolResult } from '../../../../shared/prompts/tool-result.ts';

describe('the answer of a tool', () => {
  it('is read out of the element that a prompt puts it into', () => {
    expect(toolAnswer(toolResult({ tool: 'calculator', text: '6 < 7 & 7 > 6' }))).toBe('6 < 7 & 7 > 6');
  });

  it('is taken as it is where there is none', () => {
    expect(toolAnswer('42')).toBe('42');
  });
});

import { describe, expect, it } from 'vitest';
import type { ModelCatalog } from '../../../shared/contracts/models.ts';
import type { Policy } from '../../../shared/contracts/policy.ts';
import { createModelChooser } from '../../../shared/models/choose-model.ts';
import type { ModelUser, ModelWish } from '../../../shared/models/model-gateway.ts';
import { chatModel } from './candidates.ts';

const endpoint = (region: string, zone: string) => ({ kind: 'azure', url: 'http://127.0.0.1', region, zone }) as const;
const at = (endpointName: string) => [{ endpoint: endpointName, deployment: 'd', priority: 1, weight: 1 }];

const catalog: ModelCatalog = {
  endpoints: { eu: endpoint('swedencentral', 'eu'), us: endpoint('eastus2', 'us') },
  models: [
    chatModel('small'),
    chatModel('large', { size: 'large', contextTokens: 64_000, abilities: ['tools'] }),
    chatModel('largest', { size: 'large', contextTokens: 200_000, abilities: ['tools', 'vision'] }),
    chatModel('american', { deployments: at('us'), contextTokens: 100_000 }),
  ],
};
const chooser = createModelChooser(catalog);
const user = (policy: Policy = {}): ModelUser => ({ tenantChain: [{ id: 'ten_test', policy }] });
const choose = (policy: Policy = {}, wish: Partial<ModelWish> = {}) => {
  const { model, reason } = chooser.choose(user(policy), { model: undefined, inputTokens: 10, needs: [], ...wish });
  return [model.name, reason];
};
const auto = (policy: Policy = {}, wish: Partial<ModelWish> = {}) => choose(policy, { model: 'auto', ...wish });

describe('a model that nobody names', () => {
  it("is the tenant's default, else the platform's, else the first that is allowed", () => {
    expect(choose({ defaultModel: 'large' })).toEqual(['large', 'tenant-default']);
    expect(choose()).toEqual(['small', 'platform-default']);
    expect(choose({ models: ['largest', 'large'] })).toEqual(['large', 'only-allowed']);
    expect(choose({ defaultModel: 'american', residencyRegions: ['eu'] })).toEqual(['small', 'platform-default']);
    expect(choose({ defaultModel: 'auto' })).toEqual(['small', 'auto:short']);
  });
});

describe('a model that is named', () => {
  it('is that one', () => expect(choose({}, { model: 'large' })).toEqual(['large', 'asked']));

  it('is refused when it does not exist, is not allowed, is elsewhere, or cannot do what is needed', () => {
    expect(() => choose({}, { model: 'gpt-9' })).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(() => choose({ models: ['small'] }, { model: 'large' })).toThrow(
      expect.objectContaining({ code: 'forbidden', details: { model: 'large', allowed: ['small'] } }),
    );
    expect(() => choose({ residencyRegions: ['eu'] }, { model: 'american' })).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
    expect(() => choose({}, { model: 'small', needs: ['tools'] })).toThrow(
      expect.objectContaining({ code: 'unprocessable' }),
    );
  });

  it('is never in a region that the policy leaves out, by zone or by region', () => {
    expect(choose({ residencyRegions: ['us'] }, { model: 'american' })).toEqual(['american', 'asked']);
    expect(choose({ residencyRegions: ['eastus2'] }, { model: 'american' })).toEqual(['american', 'asked']);
    expect(() => choose({ residencyRegions: [] })).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });
});

describe('auto', () => {
  it('takes the small model for what is short and simple, and says why it takes another', () => {
    expect(auto()).toEqual(['small', 'auto:short']);
    expect(auto({}, { inputTokens: 2_001 })).toEqual(['large', 'auto:long-context']);
    expect(auto({}, { inputTokens: 70_000 })).toEqual(['largest', 'auto:long-context']);
    expect(auto({}, { needs: ['tools'] })).toEqual(['large', 'auto:tools']);
    expect(auto({}, { difficulty: 'hard' })).toEqual(['large', 'auto:hard']);
    expect(auto({}, { needs: ['vision'] })).toEqual(['largest', 'auto:short']);
  });

  it('goes by the rules of the tenant', () => {
    const routing = { smallModel: 'american', largeModel: 'largest', shortTokens: 50 };
    expect(auto({ routing })).toEqual(['american', 'auto:short']);
    expect(auto({ routing }, { inputTokens: 51 })).toEqual(['largest', 'auto:long-context']);
    expect(auto({ routing, residencyRegions: ['eu'] })).toEqual(['small', 'auto:short']);
  });

  it('never leaves what is allowed', () => {
    expect(auto({ models: ['small'] }, { difficulty: 'hard' })).toEqual(['small', 'auto:hard']);
    expect(() => auto({ models: [] })).toThrow(expect.objectContaining({ code: 'forbidden' }));
    expect(() => auto({ models: ['small'] }, { needs: ['tools'] })).toThrow(
      expect.objectContaining({ code: 'unprocessable' }),
    );
  });
});

describe('a larger model', () => {
  const larger = (name: string, policy: Policy = {}) => {
    const model = catalog.models.find((candidate) => candidate.name === name);
    return model?.kind === 'chat' ? chooser.larger(user(policy), model)?.name : undefined;
  };

  it('is the smallest with a larger window that can do as much', () => {
    expect(larger('small')).toBe('large');
    expect(larger('large')).toBe('largest');
    expect(larger('small', { models: ['small', 'american'] })).toBe('american');
    expect(larger('small', { models: ['small', 'american'], residencyRegions: ['eu'] })).toBeUndefined();
    expect(larger('largest')).toBeUndefined();
  });
});

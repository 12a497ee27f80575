import { type CsvValue, toCsv } from './csv.ts';
import { nextDay, nextMonth } from './tenant-day.ts';
import type { UsageCharges } from './usage-report.ts';
import type { UsageTotal } from './usage-total.ts';

const PROVIDER = 'Enterprise AI Platform';
const MICRO = 1_000_000;
const MICRO_DIGITS = 6;

/**
 * Charges as CSV with the columns of FOCUS 1.2 (https://focus.finops.org/focus-specification/v1-2): one row for each
 * total. There is one price for everybody, so all four costs are the same. A row has tokens of several unit prices, so
 * it names its price but no unit price; `x_` columns are ours.
 */
export function focusCsv({ organisationId, totals }: UsageCharges): string {
  const rows = totals.map((total) => charge(organisationId, total));
  return toCsv(
    COLUMNS,
    rows.map((row) => COLUMNS.map((column) => row[column])),
  );
}

const COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuMeter',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'Tags',
  'x_InputTokens',
  'x_CachedInputTokens',
  'x_OutputTokens',
  'x_EstimatedTokens',
  'x_SavedCost',
] as const;

type FocusRow = Readonly<Record<(typeof COLUMNS)[number], CsvValue>>;

function charge(organisationId: string, total: UsageTotal): FocusRow {
  const [quantity, unit] = consumed(total);
  return {
    ...sameForAll(organisationId, total),
    ...costs(total),
    ChargeDescription: `${total.calls} calls of ${total.model} (${total.kind})`,
    ChargePeriodStart: midnight(total.day),
    ChargePeriodEnd: midnight(nextDay(total.day)),
    BillingPeriodStart: midnight(`${total.day.slice(0, 'YYYY-MM'.length)}-01`),
    BillingPeriodEnd: midnight(nextMonth(total.day)),
    ConsumedQuantity: quantity,
    ConsumedUnit: unit,
    PricingQuantity: quantity,
    PricingUnit: unit,
    ResourceId: total.model,
    ResourceName: total.model,
    ResourceType: 'Model deployment',
    SkuId: total.model,
    SkuMeter: total.kind,
    SkuPriceId: `${total.model}/${total.priceVersion}`,
    Tags: JSON.stringify({ kind: total.kind, knowledgeBaseId: total.knowledgeBaseId, userId: total.userId }),
    x_InputTokens: total.inputTokens,
    x_CachedInputTokens: total.cachedInputTokens,
    x_OutputTokens: total.outputTokens,
    x_EstimatedTokens: total.estimatedTokens,
  };
}

/** A service is paid by its units or by tokens, not by both. */
function consumed({ kind, units, inputTokens, outputTokens }: UsageTotal): [quantity: number, unit: string] {
  if (units === 0) return [inputTokens + outputTokens, 'Tokens'];
  return [units, kind === 'recognition' ? 'Pages' : 'Searches'];
}

function sameForAll(organisationId: string, { tenantId }: UsageTotal) {
  return {
    BillingAccountId: organisationId,
    BillingAccountName: null,
    SubAccountId: tenantId,
    SubAccountName: null,
    SubAccountType: 'Tenant',
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeFrequency: 'Usage-Based',
    InvoiceIssuerName: PROVIDER,
    ProviderName: PROVIDER,
    PublisherName: PROVIDER,
    PricingCategory: 'Standard',
    RegionId: null,
    RegionName: null,
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: PROVIDER,
    ServiceSubcategory: 'Generative AI',
  };
}

function costs({ costMicroUsd, savedMicroUsd }: UsageTotal) {
  const cost = dollars(costMicroUsd);
  return {
    BilledCost: cost,
    EffectiveCost: cost,
    ListCost: cost,
    ContractedCost: cost,
    BillingCurrency: 'USD',
    x_SavedCost: dollars(savedMicroUsd),
  };
}

/** All six decimals, so that the rows add up to the ledger exactly. */
const dollars = (microUsd: number) => (microUsd / MICRO).toFixed(MICRO_DIGITS);

const midnight = (day: string) => `${day}T00:00:00Z`;

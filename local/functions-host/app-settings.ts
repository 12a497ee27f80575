const SETTING = /%([^%]+)%/g;

/** Replaces each `%NAME%` in a binding's value by that app setting; a missing setting is an error. */
export function resolveSettings(value: string): string {
  return value.replace(SETTING, (_match, name: string) => {
    const setting = process.env[name];
    if (setting === undefined) throw new Error(`'%${name}%' does not resolve to an app setting.`);
    return setting;
  });
}

/**
 * Finds the storage connection string that a binding's `connection` names, with or without the `AzureWebJobs` prefix.
 * Identity-based connections (`NAME__queueServiceUri`) need Azure and are refused.
 */
export function storageConnection(name = 'AzureWebJobsStorage'): string {
  const value = process.env[`AzureWebJobs${name}`] ?? process.env[name];
  if (value) return value;
  const identityBased = Object.keys(process.env).find((key) => key.startsWith(`${name}__`));
  if (identityBased) {
    throw new Error(
      `The connection '${name}' is identity based ('${identityBased}'), which this local host does not support. ` +
        `Set '${name}' to a connection string.`,
    );
  }
  throw new Error(`The app setting '${name}', which must hold a storage connection string, is missing.`);
}

/** Tells whether the app setting `AzureWebJobs.{name}.Disabled` switches a function off. */
export function isDisabled(functionName: string): boolean {
  return /^(1|true)$/i.test(process.env[`AzureWebJobs.${functionName}.Disabled`] ?? '');
}

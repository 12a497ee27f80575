/** The container in which the host keeps its own state. */
export const HOST_CONTAINER = 'azure-webjobs-hosts';

/** Names this app's state among that of others in one storage account; the real host's own setting overrides it. */
export function hostId(): string {
  return process.env.AzureFunctionsWebHost__hostid ?? 'local';
}

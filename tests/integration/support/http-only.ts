const queues = ['document-chunk', 'chunk-embed', 'document-delete'];
const functions = [...queues, ...queues.map((queue) => `${queue}-poison`), 'documents-dropped'];

/** Settings of an app that takes no work from the shared queues, because it could not do it. */
export const httpOnly: Readonly<Record<string, string>> = Object.fromEntries(
  functions.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']),
);

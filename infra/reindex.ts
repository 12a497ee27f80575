import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createCosmos } from '../shared/adapters/cosmos/client.ts';
import { createDocumentRepository } from '../shared/adapters/cosmos/document-repository.ts';
import { createKnowledgeBaseRepository } from '../shared/adapters/cosmos/knowledge-base-repository.ts';
import { createTenantRepository } from '../shared/adapters/cosmos/tenant-repository.ts';
import { createIngestionQueues } from '../shared/adapters/storage-queue/ingestion-queues.ts';
import { loadConfig } from '../shared/config.ts';
import { processFilesAgain, startReindexing } from '../shared/knowledge/reindexing.ts';
import { indexingModel } from '../shared/models/indexing-model.ts';
import { allTenants } from '../shared/tenants/all-tenants.ts';

// `npm run reindex -- [--tenant ten_…] [--knowledge-base kb_…] [--force] [--no-wait]`: moves every knowledge base that lives with
// another embedding model to the one that indexes now, and tells how far that is until all have moved. The app does the
// work, and goes on with it when this is interrupted. Run again, it takes up what got stuck. With `--force`, the files of
// those that live there already are processed again, by the chunking of their knowledge bases now.
const POLL_MILLISECONDS = 2_000;
const { values } = parseArgs({
  options: {
    tenant: { type: 'string' },
    'knowledge-base': { type: 'string' },
    force: { type: 'boolean' },
    'no-wait': { type: 'boolean' },
  },
});

const config = loadConfig();
const { name: model } = indexingModel(config.models.catalog);
const cosmos = createCosmos(config.cosmos);
const repository = createKnowledgeBaseRepository(cosmos);
const options = {
  repository,
  documents: createDocumentRepository(cosmos),
  queues: createIngestionQueues(config.storage),
  model,
  now: () => new Date(),
};
const start = startReindexing(options);
const say = (line: string) => process.stdout.write(`${line}\n`);

const moving = new Map<string, { readonly tenantId: string; told: string }>();
for await (const { id: tenantId } of allTenants(createTenantRepository(cosmos))) {
  if (values.tenant !== undefined && values.tenant !== tenantId) continue;
  for (const { id, name, embeddingModel } of await repository.list(tenantId)) {
    if (values['knowledge-base'] !== undefined && values['knowledge-base'] !== id) continue;
    const key = { tenantId, knowledgeBaseId: id };
    if (embeddingModel === model && values.force) {
      await processFilesAgain(options, key);
      say(`${id} (${name}): its files are processed again`);
    }
    if (embeddingModel === model || !(await start(key))) continue;
    moving.set(id, { tenantId, told: '' });
    say(`${id} (${name}): from ${embeddingModel} to ${model}`);
  }
}
say(`${moving.size} to move`);

while (moving.size > 0 && !values['no-wait']) {
  for (const [id, state] of moving) {
    const reindex = (await repository.find(state.tenantId, id))?.value.reindex;
    const told = reindex ? `${id}: ${reindex.done} of ${reindex.documents} documents` : `${id}: done`;
    if (told !== state.told) say(told);
    state.told = told;
    if (!reindex) moving.delete(id);
  }
  if (moving.size > 0) await sleep(POLL_MILLISECONDS);
}
cosmos.close();

import { app } from '@azure/functions';
import { registerPreflight } from '../shared/edge/cors.ts';
import './admin-tenants.http.ts';
import './admin-users.http.ts';
import './chat.http.ts';
import './docs.http.ts';
import './documents.blob.ts';
import './documents.http.ts';
import './documents.queue.ts';
import './health.http.ts';
import './knowledge-bases.http.ts';
import './me.http.ts';
import './runs.http.ts';
import './search.http.ts';
import './sessions.http.ts';

app.setup({ enableHttpStream: true });
registerPreflight();

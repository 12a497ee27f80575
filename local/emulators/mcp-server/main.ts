import { startMcpServer } from './server.ts';

const PORT = 8092;

const server = await startMcpServer({ port: Number(process.env.LOCAL_MCP_SERVER_PORT || PORT) });
console.log(`The demo MCP server speaks at ${server.mcpUrl}. Ctrl+C stops it.`);
process.once('SIGINT', () => void server.stop());
process.once('SIGTERM', () => void server.stop());

export { testClient } from './test-client.ts';

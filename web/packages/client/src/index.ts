export { connect } from './connect';
export { browserEdges, type Edges, type Timer } from './edges';
export { ClientError } from './errors';
export type * from './types';

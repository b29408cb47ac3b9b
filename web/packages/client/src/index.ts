export { connect } from './connect';
export { browserEdges, type Edges, type Timer } from './edges';
export { ClientError } from './errors';
export type { LevelMeter } from './tracks/meter';
export type * from './types';

export * from './binary-arrays';
export * from './business-clock';
export * from './database';
export * from './group-commit';
export * from './migrate';
export * from './pool';
export * from './retention';
export * from './statement';
export { BusinessClock1764000000001 } from './migrations/business-clock-1764000000001';

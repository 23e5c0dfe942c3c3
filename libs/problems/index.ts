export * from './problem';
export * from './problem-of-failure';
export * from './problem.filter';
export * from './read-yaml';
export * from './route-table';
export * from './unknown-field';

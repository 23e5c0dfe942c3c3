export * from './problem';
export * from './problem-of-failure';
export * from './problem.filter';
export * from './route-table';

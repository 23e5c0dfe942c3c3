export * from './content';
export * from './definition';
export * from './http';
export * from './outcome';
export * from './receipts';

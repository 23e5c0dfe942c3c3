export * from './assert-never';
export * from './clock';
export * from './duration';
export * from './group-by';
export * from './ids';
export * from './instant';
export * from './money';
export * from './zone';

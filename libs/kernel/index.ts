export * from './assert-never';
export * from './clock';
export * from './duration';
export * from './ids';
export * from './instant';
export * from './money';

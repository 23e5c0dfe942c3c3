export * from './due-loop';

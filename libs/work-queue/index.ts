export * from './in-process.queue';
export * from './token-bucket';
export * from './work-queue';
export * from './work-queue.module';

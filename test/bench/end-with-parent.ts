/** Preloaded into every process the bench starts: when the bench is killed nobody else would end them. */
process.once('disconnect', () => process.exit(1));

/**
 * Loaded before the application (`node --require`): when whoever started it is gone, even by `kill -9`, the channel to it
 * closes, and the application ends as it would on SIGTERM. The application itself need not know that it is in a demo.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

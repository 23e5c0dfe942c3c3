export type Settings = Readonly<Record<string, string | number>>;

/** For a container of one or two cores that Postgres shares with the application. Durability is left as Postgres ships it: on. */
const DEFAULTS: Settings = {
  shared_buffers: '128MB',
  max_connections: 60,
  // Dropping or truncating a partitioned table locks every partition with its indexes.
  max_locks_per_transaction: 256,
  // Fewer checkpoints mean fewer full page images in the log, and a bounded one for small volumes.
  checkpoint_timeout: '15min',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  wal_buffers: '16MB',
  // A second core serves the application better than half a report; and parallel workers need a /dev/shm larger than Docker's.
  max_parallel_workers_per_gather: 0,
  dynamic_shared_memory_type: 'mmap',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Errors go to whoever sent the statement. In the log they would carry telephone numbers ("Key (phone)=... already exists").
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_line_prefix: '%m ',
  log_checkpoints: 'off',
};

export function settingArguments(own: Settings, fromCaller: Settings): string[] {
  const all = { ...DEFAULTS, ...fromCaller, ...own };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

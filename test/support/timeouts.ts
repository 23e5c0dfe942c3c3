// A real Postgres, a sandbox and the application start before each file, on machines that may be busy with other work: this
// only ends what hangs, it never judges what is slow.
jest.setTimeout(120_000);

// A file under test/ starts a Postgres, a sandbox and the application first, and machines may be busy with other work: this
// only ends what hangs, it never judges what is slow.
jest.setTimeout(120_000);

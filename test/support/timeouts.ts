// A real Postgres, a sandbox and the application start before each file: five seconds is too little on a busy machine.
jest.setTimeout(30_000);

import { type World } from './world';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Asks the API with a key of all scopes. */
export async function apiOf(world: World): Promise<(method: string, path: string, body?: unknown) => Promise<ApiAnswer>> {
  const key = await world.key(['admin']);
  return async (method, path, body) => {
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
}

/** The id of the only person of this customer id. */
export async function personOf(api: Awaited<ReturnType<typeof apiOf>>, customerId: string): Promise<string> {
  const { body } = await api('GET', `/v1/people?customerId=${encodeURIComponent(customerId)}`);
  return (body.people as { id: string }[])[0]?.id as string;
}
